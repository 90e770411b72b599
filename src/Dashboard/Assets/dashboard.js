// What a page of the dashboard does by itself: it starts the connection, says when that is lost, and switches the colours.
(() => {
  'use strict';

  const root = document.documentElement;

  // Colours: a cookie, so that the server knows before the first byte.
  const path = document.querySelector('base').getAttribute('href');
  const chosen = () => root.dataset.theme || '';
  const show = () => document.querySelectorAll('[data-themes] input').forEach(input => { input.checked = input.value === chosen(); });
  document.addEventListener('change', event => {
    if (!event.target.matches('[data-themes] input')) {
      return;
    }

    const theme = event.target.value;
    if (theme) {
      root.dataset.theme = theme;
    } else {
      delete root.dataset.theme;
    }

    document.cookie = `admission-theme=${theme}; path=${path}; max-age=${theme ? 31536000 : 0}; samesite=strict`;
  });
  new MutationObserver(show).observe(document.body, { childList: true, subtree: false });
  show();

  // "/" goes to the search, as everywhere.
  document.addEventListener('keydown', event => {
    const search = document.querySelector('[data-search]');
    if (event.key === '/' && search && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.matches('input, textarea, select')) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  // Blazor shows this element by its style, which assistive technology does not hear of.
  const failed = document.querySelector('[data-error]');
  if (failed) {
    new MutationObserver(() => { failed.hidden = failed.style.display !== 'block'; }).observe(failed, { attributes: true, attributeFilter: ['style'] });
  }

  // The connection. Blazor sets a class; what it means is said here, once, in words.
  const dialog = document.getElementById('components-reconnect-modal');
  const text = dialog.querySelector('[data-reconnect-text]');
  let lostAt = null;
  let reloading = 0;

  const reload = async () => {
    clearTimeout(reloading);
    try {
      const answer = await fetch(location.href, { method: 'GET', cache: 'no-store', redirect: 'manual' });
      if (answer.ok || answer.type === 'opaqueredirect') {
        location.reload();
        return;
      }
    } catch {
      // It is not there yet.
    }

    reloading = setTimeout(reload, 1000);
  };

  const onChange = () => {
    const has = name => dialog.classList.contains(`components-reconnect-${name}`);
    if (has('rejected') || has('failed')) {
      text.textContent = 'The process has been started anew, or has forgotten this page. It is loaded again as soon as there is an answer.';
      root.dataset.offline = '';
      reload();
    } else if (has('show') || has('retrying')) {
      lostAt ??= new Date();
      root.dataset.offline = '';
      text.textContent = `The numbers are from ${lostAt.toISOString().slice(11, 19)} UTC. Trying again.`;
    } else {
      lostAt = null;
      delete root.dataset.offline;
    }
  };

  new MutationObserver(onChange).observe(dialog, { attributes: true, attributeFilter: ['class'] });
  dialog.querySelector('[data-reconnect-now]').addEventListener('click', async () => {
    try {
      if (await Blazor.reconnect() === false) {
        reload();
      }
    } catch {
      // The next try is under way already.
    }
  });

  // Dialogs are the browser's own: it keeps the focus inside, closes with Escape and gives the focus back.
  window.admission = {
    open: element => { if (!element.open) { element.showModal(); } },
    close: element => { if (element.open) { element.close(); } },
  };

  Blazor.start({
    circuit: {
      reconnectionOptions: { maxRetries: 1000000, retryIntervalMilliseconds: attempt => Math.min(3000, 300 * (attempt + 1)) },
    },
  });
})();
