'use strict';
// Replaces the content of the page with the next reading, again and again, until the
// watch ends. The server answers when there is a next reading.
(() => {
  const live = () => document.getElementById('live');
  const state = document.getElementById('state');

  async function next(address) {
    const response = await fetch(address, {cache: 'no-store'});
    if (!response.ok) throw new Error(response.statusText);
    return new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('live');
  }

  async function follow() {
    state.textContent = 'This page follows the watch.';
    while (live().dataset.next) {
      try {
        live().replaceWith(await next(live().dataset.next));
      } catch {
        state.textContent = 'resetplan no longer answers. This page shows the last reading that it got.';
        return;
      }
    }
    state.textContent = 'The watch has ended. This page shows its last reading.';
  }

  follow();
})();
