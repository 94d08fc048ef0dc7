// Keeps the part of a page that is marked "live" fresh, counts a pairing window down, and prints.
// Without it every page works; it is only as old as its last load.
"use strict";

const FETCH_EVERY_MS = 30000; // for what changes without an event: "two minutes ago", "offline since"
let source = null;
let fetching = false;

const region = () => document.getElementById("live");

function isBusy(part) {
  const active = document.activeElement;
  if (!active || !part.contains(active)) return false;
  return ["INPUT", "SELECT", "TEXTAREA"].includes(active.tagName);
}

function hasText(part) {
  return [...part.querySelectorAll("input:not([type=hidden])")].some((input) => input.value !== input.defaultValue);
}

async function refresh() {
  const part = region();
  // Never under somebody's hands: what is being typed stays.
  if (!part || fetching || document.hidden || isBusy(part) || hasText(part)) return;
  fetching = true;
  try {
    const address = part.dataset.source || location.pathname + location.search;
    const answer = await fetch(address, { headers: { "X-Live": "1" }, credentials: "same-origin" });
    if (answer.redirected) {
      location.assign("/sign-in");
      return;
    }
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("live");
    if (!fresh || isBusy(part) || hasText(part)) return;
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.replaceWith(document.importNode(fresh, true));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    countDown();
  } catch {
    // The network is down; the next event or the clock tries again.
  } finally {
    fetching = false;
  }
}

function listen() {
  source = new EventSource(`/live?about=${region().dataset.about || ""}`);
  source.addEventListener("pulse", (event) => {
    if (region()?.dataset.pulse !== event.data) refresh();
  });
  source.addEventListener("over", () => {
    source.close();
    location.assign("/sign-in");
  });
  source.addEventListener("full", () => source.close());
}

let until = 0;

function countDown() {
  const place = document.querySelector("[data-seconds-left]");
  if (!place) return;
  until = performance.now() + Number(place.dataset.secondsLeft) * 1000;
  showLeft();
}

function showLeft() {
  const place = document.querySelector("[data-seconds-left]");
  if (!place) return;
  const left = Math.max(0, Math.round((until - performance.now()) / 1000));
  place.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
  if (left === 0) refresh();
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
if (region()) {
  listen();
  countDown();
  setInterval(showLeft, 1000);
  setInterval(refresh, FETCH_EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
  addEventListener("pagehide", () => source.close());
}
