'use strict';

// The package's entry: hands the addon what only JavaScript knows, and names every export, so that ES modules can
// import them by name.

const fs = require('node:fs');
const path = require('node:path');
const native = loadNative();

/** A daemon that could not be started; `detail` is the reason, `stderrLog` the path of its log. */
class ManagedPythonDaemonStartError extends Error {
  constructor(detail, stderrLog) {
    super(`KTX Python daemon failed to start: ${detail}. stderr: ${stderrLog}`);
    this.code = 'KTX_DAEMON_START_FAILED';
    this.detail = detail;
    this.stderrLog = stderrLog;
  }
}
Object.defineProperty(ManagedPythonDaemonStartError.prototype, 'name', {
  value: 'ManagedPythonDaemonStartError',
  configurable: true,
  writable: true,
});

native.initializeAddon({
  assetDir: path.join(__dirname, 'assets', 'python'),
  openSync: fs.openSync,
  closeSync: fs.closeSync,
  setImmediate,
  startError: (detail, stderrLog) => new ManagedPythonDaemonStartError(detail, stderrLog),
});

function loadNative() {
  try {
    return require('./native.js');
  } catch (error) {
    throw require('./missing-binary.js').explain(error);
  }
}

module.exports.MISSING_UV_RUNTIME_INSTALL_MESSAGE = native.missingInstallerMessage();
module.exports.ManagedPythonDaemonStartError = ManagedPythonDaemonStartError;
module.exports.addKtxConnection = native.addKtxConnection;
module.exports.allocateDaemonPort = native.allocateDaemonPort;
module.exports.answerKtxRelationship = native.answerKtxRelationship;
module.exports.createLazyManagedPythonSemanticLayerComputePort = native.createLazyManagedPythonSemanticLayerComputePort;
module.exports.createLocalIngestAdapters = native.createLocalIngestAdapters;
module.exports.createLocalLookerTableIdentifierParser = native.createLocalLookerTableIdentifierParser;
module.exports.createLocalSqlAnalysisPort = native.createLocalSqlAnalysisPort;
module.exports.createManagedDaemonHttpJsonRunner = native.createManagedDaemonHttpJsonRunner;
module.exports.createManagedDaemonLookerTableIdentifierParser = native.createManagedDaemonLookerTableIdentifierParser;
module.exports.createManagedDaemonSqlAnalysisPort = native.createManagedDaemonSqlAnalysisPort;
module.exports.createManagedPythonDaemonBaseUrlResolver = native.createManagedPythonDaemonBaseUrlResolver;
module.exports.createManagedPythonSemanticLayerComputePort = native.createManagedPythonSemanticLayerComputePort;
module.exports.databaseIntrospectionRoute = native.databaseIntrospectionRoute;
module.exports.listKtxDbtProfiles = native.listKtxDbtProfiles;
module.exports.describeKtxDrivers = native.describeKtxDrivers;
module.exports.doctorManagedPythonRuntime = native.doctorManagedPythonRuntime;
module.exports.editKtxConnection = native.editKtxConnection;
module.exports.ensureManagedLocalEmbeddingsDaemon = native.ensureManagedLocalEmbeddingsDaemon;
module.exports.ensureManagedPythonCommandRuntime = native.ensureManagedPythonCommandRuntime;
module.exports.ensureManagedUv = native.ensureManagedUv;
module.exports.createKtxPageUrl = native.createKtxPageUrl;
module.exports.ensureKtxMcpServerToken = native.ensureKtxMcpServerToken;
module.exports.executeKtxSql = native.executeKtxSql;
module.exports.findKtxProjectDir = native.findKtxProjectDir;
module.exports.findKtxValues = native.findKtxValues;
module.exports.generateKtxSemanticSources = native.generateKtxSemanticSources;
module.exports.initKtxProject = native.initKtxProject;
module.exports.installKtxAgents = native.installKtxAgents;
module.exports.installManagedPythonRuntime = native.installManagedPythonRuntime;
module.exports.joinKtxMcpServerLaunch = native.joinKtxMcpServerLaunch;
module.exports.listKtxAgents = native.listKtxAgents;
module.exports.listKtxPages = native.listKtxPages;
module.exports.listKtxRuns = native.listKtxRuns;
module.exports.listKtxSemanticSources = native.listKtxSemanticSources;
module.exports.listKtxQueryHistory = native.listKtxQueryHistory;
module.exports.listKtxRelationships = native.listKtxRelationships;
module.exports.listKtxTables = native.listKtxTables;
module.exports.loadKtxProject = native.loadKtxProject;
module.exports.localIngestAdapterOptions = native.localIngestAdapterOptions;
module.exports.lookerTableIdentifierRoute = native.lookerTableIdentifierRoute;
module.exports.managedDaemonDatabaseIntrospectionOptions = native.managedDaemonDatabaseIntrospectionOptions;
module.exports.managedLocalEmbeddingHealthConfig = native.managedLocalEmbeddingHealthConfig;
module.exports.managedLocalEmbeddingProjectConfig = native.managedLocalEmbeddingProjectConfig;
module.exports.managedPythonDaemonLayout = native.managedPythonRuntimeLayout;
module.exports.managedPythonRuntimeLayout = native.managedPythonRuntimeLayout;
module.exports.managedRuntimeInstallCommand = native.managedRuntimeInstallCommand;
module.exports.managedUvPath = native.managedUvPath;
module.exports.parseKtxSemanticQuery = native.parseKtxSemanticQuery;
module.exports.postManagedDaemonJson = native.postManagedDaemonJson;
module.exports.pruneManagedPythonRuntimes = native.pruneManagedPythonRuntimes;
module.exports.pruneKtxScans = native.pruneKtxScans;
module.exports.readKtxMcpServerStatus = native.readKtxMcpServerStatus;
module.exports.readKtxRun = native.readKtxRun;
module.exports.readKtxSemanticModel = native.readKtxSemanticModel;
module.exports.readKtxSemanticSources = native.readKtxSemanticSources;
module.exports.readKtxSemanticSource = native.readKtxSemanticSource;
module.exports.readKtxLineage = native.readKtxLineage;
module.exports.readKtxPage = native.readKtxPage;
module.exports.readKtxTables = native.readKtxTables;
module.exports.readKtxTable = native.readKtxTable;
module.exports.readManagedPythonDaemonStatus = native.readManagedPythonDaemonStatus;
module.exports.readManagedPythonRuntimeStatus = native.readManagedPythonRuntimeStatus;
module.exports.removeKtxAgents = native.removeKtxAgents;
module.exports.removeKtxConnection = native.removeKtxConnection;
module.exports.reportKtxMcpServerReady = native.reportKtxMcpServerReady;
module.exports.runKtxSemanticQuery = native.runKtxSemanticQuery;
module.exports.runLocalIngest = native.runLocalIngest;
module.exports.runLocalScan = native.runLocalScan;
module.exports.runtimeInstallPolicyFromFlags = native.runtimeInstallPolicyFromFlags;
module.exports.searchKtxProject = native.searchKtxProject;
module.exports.sqlAnalysisRoute = native.sqlAnalysisRoute;
module.exports.startKtxMcpServer = native.startKtxMcpServer;
module.exports.startManagedPythonDaemon = native.startManagedPythonDaemon;
module.exports.stopAllManagedPythonDaemons = native.stopAllManagedPythonDaemons;
module.exports.stopKtxMcpServer = native.stopKtxMcpServer;
module.exports.stopManagedPythonDaemon = native.stopManagedPythonDaemon;
module.exports.testKtxConnection = native.testKtxConnection;
module.exports.listKtxDatabaseTables = native.listKtxDatabaseTables;
module.exports.trustKtxProject = native.trustKtxProject;
module.exports.tryUseManagedLocalEmbeddingsDaemon = native.tryUseManagedLocalEmbeddingsDaemon;
module.exports.validateKtxSemanticSources = native.validateKtxSemanticSources;
module.exports.verifyRuntimeAsset = native.verifyRuntimeAsset;
module.exports.writeKtxDiagnosticBundle = native.writeKtxDiagnosticBundle;
module.exports.writeKtxLogEvent = native.writeKtxLogEvent;
module.exports.writeKtxSemanticSource = native.writeKtxSemanticSource;
