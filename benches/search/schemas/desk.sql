-- A software company's CRM and help desk in camelCase; SQLite has no comments.
CREATE TABLE "account" AS SELECT i AS "accountId", words(i, 1) AS "companyName",
    one_of(i, 2, ['Retail', 'Healthcare', 'Logistics']) AS "industry", money(i, 3) AS "annualRevenue" FROM numbered(200);
CREATE TABLE "contactPerson" AS SELECT i AS "contactId", pick(i, 4, 200) AS "accountId", words(i, 5) AS "fullName",
    one_of(i, 6, ['CEO', 'CTO', 'Buyer']) AS "jobTitle", 'c' || i || '@example.com' AS "emailAddress" FROM numbered(400);
CREATE TABLE "opportunity" AS SELECT i AS "opportunityId", pick(i, 7, 200) AS "accountId",
    one_of(i, 8, ['Prospecting', 'Negotiation', 'Closed Won', 'Closed Lost']) AS "stageName", day(i, 9) AS "closeDate",
    money(i, 10) AS "expectedAmount" FROM numbered(300);
CREATE TABLE "supportTicket" AS SELECT i AS "ticketId", pick(i, 11, 200) AS "accountId",
    one_of(i, 12, ['P1', 'P2', 'P3']) AS "priority", day(i, 13) AS "openedAt", pick(i, 14, 600) AS "firstResponseMinutes",
    pick(i, 15, 5) AS "satisfactionScore" FROM numbered(700);
CREATE TABLE "ticketComment" AS SELECT i AS "commentId", pick(i, 16, 700) AS "ticketId", words(i, 17) AS "body",
    day(i, 18) AS "createdAt" FROM numbered(900);
CREATE TABLE "subscriptionPlan" AS SELECT i AS "planId", ['Starter', 'Team', 'Business', 'Enterprise'][i] AS "planName",
    money(i, 19) AS "monthlyPrice" FROM numbered(4);
CREATE TABLE "accountSubscription" AS SELECT i AS "subscriptionId", pick(i, 20, 200) AS "accountId", pick(i, 21, 4) AS "planId",
    day(i, 22) AS "startDate", day(i, 23) AS "endedAt", one_of(i, 24, ['price', 'missing feature', 'closed']) AS "churnReason" FROM numbered(300);
CREATE TABLE "userLogin" AS SELECT i AS "loginId", pick(i, 25, 400) AS "userId", day(i, 26) AS "loggedInAt",
    '10.0.0.' || pick(i, 27, 250) AS "ipAddress" FROM numbered(900);
CREATE TABLE "featureUsage" AS SELECT pick(i, 28, 200) AS "accountId", one_of(i, 29, ['export', 'dashboards', 'alerts']) AS "featureKey",
    pick(i, 30, 900) AS "eventCount" FROM numbered(600);
CREATE TABLE "salesLead" AS SELECT i AS "leadId", one_of(i, 31, ['trade fair', 'webinar', 'referral']) AS "leadSource",
    day(i, 32) AS "convertedAt" FROM numbered(300);
CREATE TABLE "serviceContract" AS SELECT i AS "contractId", pick(i, 33, 200) AS "accountId", day(i, 34) AS "renewalDate",
    money(i, 35) AS "contractValue" FROM numbered(150);
CREATE TABLE "knowledgeArticle" AS SELECT i AS "articleId", words(i, 36) AS "title", pick(i, 37, 9000) AS "viewCount" FROM numbered(80);
CREATE TABLE "surveyResponse" AS SELECT i AS "responseId", pick(i, 38, 200) AS "accountId", pick(i, 39, 10) AS "npsScore",
    day(i, 40) AS "answeredAt" FROM numbered(300);
CREATE TABLE "phoneCall" AS SELECT i AS "callId", pick(i, 41, 400) AS "contactId", pick(i, 42, 1800) AS "durationSeconds",
    one_of(i, 43, ['inbound', 'outbound']) AS "direction" FROM numbered(500);
CREATE TABLE "webhookDelivery" AS SELECT i AS "deliveryId", one_of(i, 44, ['delivered', 'failed', 'retrying']) AS "deliveryState",
    day(i, 45) AS "attemptedAt" FROM numbered(600);
CREATE TABLE "trialSignup" AS SELECT i AS "trialId", day(i, 46) AS "trialStart", day(i, 47) AS "trialEnd" FROM numbered(200);
CREATE TABLE "salesQuota" AS SELECT pick(i, 48, 30) AS "salesRepId", day(i, 49) AS "quarter", money(i, 50) AS "quotaAmount" FROM numbered(120);
CREATE TABLE "salesRep" AS SELECT i AS "salesRepId", words(i, 51) AS "fullName", one_of(i, 52, ['EMEA', 'APAC', 'AMER']) AS "region" FROM numbered(30);
CREATE TABLE "timeEntry" AS SELECT i AS "entryId", pick(i, 53, 30) AS "consultantId", pick(i, 54, 9) AS "hoursWorked",
    i % 3 = 0 AS "isBillable" FROM numbered(600);
CREATE TABLE "paymentDispute" AS SELECT i AS "disputeId", one_of(i, 55, ['fraud', 'duplicate', 'not received']) AS "disputeReason",
    money(i, 56) AS "disputedAmount" FROM numbered(60);
