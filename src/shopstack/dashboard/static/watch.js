// `shopstack dashboard --watch`: an open page reloads itself when what it is drawn from has changed.
"use strict";
(() => {
  const EVERY = 500; // milliseconds
  let seen = null;

  async function look() {
    try {
      const answer = await fetch("/watched", { cache: "no-store" });
      const stamp = answer.ok ? await answer.text() : seen;
      if (seen !== null && stamp !== seen) {
        location.reload();
        return;
      }
      seen = stamp;
    } catch {
      // The server is being started again: look once more.
    }
    setTimeout(look, EVERY);
  }

  look();
})();
