// Comfort only: every page works without this file.
"use strict";

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const field = typing(event.target);
  // The first page begins in the search box: as long as it is empty, "?" asks for help there too.
  const isUntouched = event.key === "?" && field?.matches("[data-search]") && !field.value;
  if (event.ctrlKey || event.metaKey || event.altKey || (field && !isUntouched)) return;
  if (isUntouched) event.preventDefault();
  if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  } else if (event.key === "?") {
    const help = document.getElementById("keys");
    if (help && !help.open) help.showModal();
  }
});

// Menus close on Escape and on a click elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Lists with boxes: the box in the head picks all, shift picks a run, and the count is said aloud.
let lastBox = null;
const boxesOf = (form) => [...form.querySelectorAll("tbody .tick input")];
const picksOf = (form) => [...form.querySelectorAll("[name=device]:checked")];
const refresh = (form) => {
  const boxes = boxesOf(form);
  const picked = boxes.filter((box) => box.checked).length;
  const head = form.querySelector("[data-pick-all]");
  if (head) {
    head.hidden = boxes.length === 0;
    head.checked = picked > 0 && picked === boxes.length;
    head.indeterminate = picked > 0 && picked < boxes.length;
  }
  const said = form.querySelector("[data-picked-said]");
  const all = picksOf(form).length;
  if (said) said.textContent = all ? `${all} ${said.dataset.word}` : "";
  carry(form);
};
// Links to other views of the same list, and the address of this one, take along what is picked by now; the server
// knows only what was picked before.
const withPicks = (address, form) => {
  const url = new URL(address);
  url.searchParams.delete("device");
  for (const box of picksOf(form)) url.searchParams.append("device", box.value);
  return url.href;
};
const carry = (form) => {
  const isOfList = (place) => place.origin + place.pathname === form.action;
  for (const link of document.querySelectorAll(".picking a[href], #tabs a[href]")) {
    if (isOfList(link) && !link.matches("[data-unpick]")) link.href = withPicks(link.href, form);
  }
  const here = withPicks(location.href, form);
  if (isOfList(location) && here !== location.href) history.replaceState(history.state, "", here);
};
document.addEventListener("click", (event) => {
  const box = event.target;
  const form = box.closest && box.closest(".picking");
  if (!form || box.type !== "checkbox") return;
  if (box.matches("[data-pick-all]")) {
    for (const each of boxesOf(form)) each.checked = box.checked;
  } else if (box.closest(".tick")) {
    const boxes = boxesOf(form);
    if (event.shiftKey && lastBox && boxes.includes(lastBox)) {
      const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
    }
    lastBox = box;
  }
  refresh(form);
});
const refreshAll = () => document.querySelectorAll(".picking").forEach(refresh);
document.addEventListener("DOMContentLoaded", refreshAll);
document.addEventListener("htmx:afterSettle", refreshAll);
window.addEventListener("pageshow", refreshAll);

// The buttons that leave the list are the browser's own business: htmx, which waits for the form's "submit", hears
// nothing, and what it still asks for must not change the page that somebody leaves. With these keys the answer opens
// elsewhere, and they stay; whoever goes on with the list has not left it either.
let opensElsewhere = false;
document.addEventListener("click", (event) => {
  opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
}, true);
document.addEventListener("submit", (event) => {
  if (!event.submitter?.matches("[data-leaves]")) return;
  event.stopPropagation();
  if (!opensElsewhere) event.target.dataset.isLeaving = "";
}, true);
for (const goingOn of ["pointerdown", "keydown", "input", "change"]) {
  document.addEventListener(goingOn, (event) => {
    const form = event.target.closest?.("form.picking");
    if (form) delete form.dataset.isLeaving;
  }, true);
}

// Enter right after typing asks for the same twice. The second answer would come while somebody follows a link of the
// first one, and the address that it brings along would keep them on the page.
const askedBy = (event) => event.detail.elt ?? event.detail.requestConfig?.elt;
document.addEventListener("htmx:confirm", (event) => {
  const form = event.detail.elt;
  if (!form.matches("form.picking")) return;
  const asked = new URLSearchParams(new FormData(form)).toString();
  const isRepeated = asked === form.dataset.asked && performance.now() - form.dataset.askedAt < 1000;
  if (isRepeated || "isLeaving" in form.dataset) event.preventDefault();
  else Object.assign(form.dataset, { asked, askedAt: performance.now() });
});
const askAnew = (form) => { delete form.dataset.asked; delete form.dataset.isLeaving; };
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (askedBy(event)?.matches("form.picking")) askAnew(askedBy(event));
  });
}
window.addEventListener("pageshow", () => document.querySelectorAll("form.picking").forEach(askAnew));

// An answer to what was picked before would take back what was picked since: ask once more.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt: form, formData } = event.detail.requestConfig;
  if (!form.matches("form.picking") || event.detail.isError) return;
  if ("isLeaving" in form.dataset) {
    event.detail.shouldSwap = false;
    return;
  }
  const sent = formData.getAll("device").join();
  if (sent === picksOf(form).map((box) => box.value).join()) return;
  event.detail.shouldSwap = false;
  setTimeout(() => htmx.trigger(form, "submit"));
});

// [data-reveal]: show what is typed beside it, until the form goes.
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-reveal], [data-copy]")) button.hidden = false;
});
const reveal = (button, isShown) => {
  document.getElementById(button.getAttribute("aria-controls")).type = isShown ? "text" : "password";
  button.setAttribute("aria-pressed", isShown);
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (button) reveal(button, button.getAttribute("aria-pressed") !== "true");
});
document.addEventListener("submit", (event) => {
  for (const button of event.target.querySelectorAll("[data-reveal]")) reveal(button, false);
});

// [data-copy="#id"]: copy the text of that element, and say so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.querySelector("[data-word]").textContent = button.dataset.done;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(source);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }
});
