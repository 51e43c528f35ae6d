// Exchanges the ticket in the fragment of the URL for a session, and removes it from the history of the browser.
const ticket = location.hash.slice(1);
if (ticket !== '') {
  history.replaceState(null, '', location.pathname);
  fetch('/ui/sign-in', { method: 'POST', headers: { authorization: `Bearer ${ticket}` } }).then(async (response) => {
    if (response.ok) return location.reload();
    const { error } = await response.json();
    document.getElementById('message').textContent = `${error.message}. ${error.hint}`;
  });
}
