// Exchanges the ticket in the fragment of the URL for a session, and removes it from the history of the browser.
const [, ticket] = /^#ticket=(.+)$/.exec(location.hash) ?? [];

async function signIn(url) {
  history.replaceState(null, '', location.pathname);
  const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${ticket}` } });
  if (response.ok) return location.reload();
  const { error } = await response.json();
  document.getElementById('message').textContent = `${error.message}. ${error.hint}`;
}

if (ticket !== undefined) signIn(new URL('../sign-in', document.currentScript.src));
