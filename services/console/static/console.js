// Keyboard habits, drafts and small conveniences; every page works without this file, only less comfortably.
"use strict";

const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = typing(event.target);
  const find = document.getElementById("q") || document.getElementById("find");
  if (event.key === "Escape" && field && field === find) find.blur();
  if (field || document.querySelector("dialog[open]")) return;
  if (event.key === "/" && find) { event.preventDefault(); find.focus(); find.select(); }
  if (event.key === "j" || event.key === "k") hop(event.key === "j" ? 1 : -1, event);
  const step = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" }[event.key];
  if (step && document.getElementById(step)) { event.preventDefault(); document.getElementById(step).click(); }
});

// j and k walk through the hits of a search.
function hop(by, event) {
  const hits = [...document.querySelectorAll(".hit h3 a")];
  if (!hits.length) return;
  event.preventDefault();
  const at = hits.findIndex((hit) => hit.closest(".hit").classList.contains("on"));
  const next = hits[Math.min(Math.max(at + by, 0), hits.length - 1)];
  next.focus();
}
document.addEventListener("focusin", (event) => {
  const hit = event.target.closest(".hit");
  if (!hit) return;
  document.querySelectorAll(".hit.on").forEach((other) => other.classList.remove("on"));
  hit.classList.add("on");
});

// On a narrow screen the place for the text lies below all hits: there a hit opens as a page of its own.
document.addEventListener("click", (event) => {
  if (event.target.closest(".hit h3 a") && matchMedia("(max-width: 1100px)").matches) event.stopPropagation();
}, true);

// A choice that narrows a list acts at once; printing; menus close when one clicks elsewhere.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  document.querySelectorAll("details.who[open], details.clock[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  if (event.target.matches("dialog.drill")) event.target.close();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.who[open], details.clock[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

// A cell of the ledger opens beside it; what htmx brings in is made ready like what was there from the start.
document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  if (target.matches("dialog") && !target.open) target.showModal();
  if (target.id === "people") ready();
  marked();
});

// The division of tasks: pick all, set many at once, say how many.
function division() {
  const form = document.querySelector("[data-division]");
  if (!form) return;
  const picks = () => [...form.querySelectorAll("[name=pick]")];
  const tell = () => { form.querySelector("[data-picked]").textContent = picks().filter((p) => p.checked).length; };
  form.querySelector("[data-needs-script]").hidden = false;
  form.addEventListener("change", (event) => {
    const { target } = event;
    if (target.matches("[data-pick-all]")) picks().forEach((p) => { p.checked = target.checked; });
    if (target.dataset.apply && target.value) {
      picks().filter((p) => p.checked).forEach((p) => {
        p.closest("li").querySelector(`[data-field=${target.dataset.apply}]`).value = target.value;
      });
    }
    tell();
  });
  tell();
}

// How many are present, while the absent are ticked.
function ready() {
  const list = document.querySelector("[data-absent]");
  const shown = document.querySelector("[data-present]");
  if (!list || !shown) return;
  const boxes = () => [...list.querySelectorAll("[type=checkbox]")];
  const tell = () => { shown.textContent = boxes().filter((b) => !b.checked).length; };
  list.addEventListener("change", tell);
  tell();
}

// Drafts: what was typed stays on this machine, under the account that typed it, until it is sent or signed out.
const DRAFT = "liuhen-draft:";
const fieldsOf = (form) => [...form.elements].filter((e) => e.name && !("noDraft" in e.dataset) && e.type !== "file");
function keep(form) {
  if ("draftNever" in form.dataset) return;
  const kept = fieldsOf(form).map((e) => [e.name, e.value, e.type === "checkbox" ? e.checked : null]);
  localStorage.setItem(DRAFT + form.dataset.draft, JSON.stringify(kept));
  const state = form.querySelector("[data-draft-state]");
  if (state) state.textContent = "草稿已保存在本机";
}
function restore(form) {
  const kept = localStorage.getItem(DRAFT + form.dataset.draft);
  if (kept === null) return;
  for (const [name, value, checked] of JSON.parse(kept)) {
    const field = fieldsOf(form).find((e) => e.name === name && (checked === null || e.value === value));
    if (!field || field.type === "hidden") continue;
    if (checked === null) field.value = value;
    else field.checked = checked || "keep" in field.dataset;
  }
  form.querySelector("[data-draft-note]")?.removeAttribute("hidden");
}
function drafts() {
  document.querySelectorAll("[data-draft-done]").forEach((e) => localStorage.removeItem(DRAFT + e.dataset.draftDone));
  document.querySelectorAll("form[data-draft]").forEach((form) => {
    if (!("draftSkip" in form.dataset)) restore(form);
    form.addEventListener("input", () => keep(form));
    form.querySelector("[data-draft-drop]")?.addEventListener("click", () => {
      localStorage.removeItem(DRAFT + form.dataset.draft);
      location.reload();
    });
  });
}
// What carried a 密级标志 is shown once more, to be corrected, and kept nowhere on this machine.
function marked() {
  if (!document.querySelector("[data-marked]")) return;
  document.querySelectorAll("form[data-draft]").forEach((form) => {
    form.dataset.draftNever = "";
    localStorage.removeItem(DRAFT + form.dataset.draft);
  });
}
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-forget-drafts]")) return;
  Object.keys(localStorage).filter((k) => k.startsWith(DRAFT)).forEach((k) => localStorage.removeItem(k));
});

// A replay that plays: one step a second, until its end or a key.
function play() {
  const button = document.querySelector("[data-play]");
  if (!button) return;
  button.hidden = false;
  const next = () => document.getElementById("forward");
  const playing = new URLSearchParams(location.search).get("play") === "1";
  button.textContent = playing ? "停" : "▶ 播放";
  button.addEventListener("click", () => {
    const address = new URL(location.href);
    if (playing) address.searchParams.delete("play"); else address.searchParams.set("play", "1");
    location.assign(address);
  });
  if (!playing || next().hasAttribute("data-end")) return;
  const address = new URL(next().href);
  address.searchParams.set("play", "1");
  setTimeout(() => location.assign(address), 1000);
}

drafts();
marked();
division();
ready();
play();
