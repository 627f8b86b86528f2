// Tooltips of the charts, by pointer, keyboard and touch. Without this script the page says the same in its tables.
"use strict";
(() => {
  const REACH = 22; // pixels around a small dot within which it answers to the pointer

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);
  let active = null;

  function hide() {
    if (active) active.classList.remove("is-active");
    active = null;
    tip.hidden = true;
  }

  function show(mark) {
    if (mark === active) return;
    hide();
    active = mark;
    mark.classList.add("is-active");
    const text = mark.dataset.tip;
    const cut = text.indexOf(": ");
    const head = document.createElement("b");
    head.textContent = cut > 0 ? text.slice(0, cut) : text;
    const lines = cut > 0 ? text.slice(cut + 2).split("; ") : [];
    tip.replaceChildren(head, ...lines.flatMap((line, number) => (number ? [document.createElement("br"), line] : [line])));
    tip.hidden = false;
    place(mark.getBoundingClientRect());
  }

  function place(box) {
    const room = document.documentElement.clientWidth;
    const middle = box.left + box.width / 2;
    const left = Math.min(Math.max(middle - tip.offsetWidth / 2, 8), room - tip.offsetWidth - 8);
    const above = box.top - tip.offsetHeight - 8;
    const top = above > 8 ? above : Math.min(box.bottom, window.innerHeight - tip.offsetHeight - 16) + 8;
    tip.style.left = `${left + window.scrollX}px`;
    tip.style.top = `${top + window.scrollY}px`;
  }

  function visible(root, selector) {
    return selector ? [...root.querySelectorAll(selector)].filter((mark) => mark.getClientRects().length) : [];
  }

  // The mark under the pointer, else the nearest small one within reach, else the area beneath (a state of the map).
  function find(event, marks, under) {
    const direct = marks.find((mark) => mark === event.target);
    if (direct) return direct;
    let nearest = null;
    let least = REACH;
    for (const mark of marks) {
      const box = mark.getBoundingClientRect();
      if (box.width > 2 * REACH) continue;
      const distance = Math.hypot(event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2);
      if (distance < least) [nearest, least] = [mark, distance];
    }
    return nearest || under.find((mark) => mark === event.target) || null;
  }

  function chart(root) {
    let at = -1;
    const marks = () => visible(root, root.dataset.marks);
    const point = (event) => {
      const found = find(event, marks(), visible(root, root.dataset.under));
      if (found) show(found);
      else hide();
    };
    root.addEventListener("pointermove", (event) => event.pointerType !== "touch" && point(event));
    root.addEventListener("pointerdown", (event) => event.pointerType === "touch" && point(event));
    root.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && hide());
    root.addEventListener("blur", hide);
    root.addEventListener("keydown", (event) => {
      const all = marks();
      const to = {
        ArrowRight: at + 1,
        ArrowDown: at + 1,
        ArrowLeft: at - 1,
        ArrowUp: at - 1,
        Home: 0,
        End: all.length - 1,
      }[event.key];
      if (event.key === "Escape") return hide();
      if (to === undefined || !all.length) return undefined;
      event.preventDefault();
      at = Math.min(Math.max(to, 0), all.length - 1);
      return show(all[at]);
    });
  }

  document.querySelectorAll("[data-marks]").forEach(chart);
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("[data-marks]")) hide();
  });
  window.addEventListener("resize", hide);

  const details = document.getElementById("trust-details");
  const open = () => {
    if (details && location.hash === "#trust") details.open = true;
  };
  window.addEventListener("hashchange", open);
  open();
})();
