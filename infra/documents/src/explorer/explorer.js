'use strict';

let documentIsLoaded;
const loading = new Promise((resolve) => { documentIsLoaded = resolve; });

const explorer = SwaggerUIBundle({
  onComplete: documentIsLoaded,
  url: '/openapi.json',
  dom_id: '#explorer',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  // Schemas are shown with each endpoint.
  defaultModelsExpandDepth: -1,
});

const form = document.getElementById('token');
const identity = document.getElementById('identity');

// Hides the fields that the role does not have, and excludes them from the request.
function showFields() {
  for (const label of form.querySelectorAll('[data-roles]')) {
    const applies = label.dataset.roles.split(' ').includes(form.elements.role.value);
    label.hidden = !applies;
    label.querySelector('input').disabled = !applies;
  }
}

async function getToken() {
  const fields = [...new FormData(form)].filter(([, value]) => value !== '');
  const response = await fetch('/dev/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(fields)),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(body.message ?? body.detail ?? `status ${response.status}`);
  // A token that comes before the document would be forgotten.
  await loading;
  explorer.preauthorizeApiKey('token', body.token);
  return fields.map(([name, value]) => `${name} ${value}`).join(', ');
}

form.elements.role.addEventListener('change', showFields);
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    identity.textContent = `Requests are sent with a token for: ${await getToken()}.`;
    identity.classList.remove('failed');
  } catch (error) {
    identity.textContent = `No token: ${error.message}`;
    identity.classList.add('failed');
  }
});
showFields();
