"use strict";

// One image after the other. Texts of users' go into the page as text only. The page does not wait for
// an answer to be kept before it shows the next image; requests follow each other in order, and one
// that fails stops the review until the page is loaded again.

const at = (id) => document.getElementById(id);
let state; // what the server sent
let answers; // number of an image -> number of a class, or null for unsure
let place = 0; // in state.labels
let failed = false;
let queue = Promise.resolve();
const neighbors = new Map(); // number of an image -> promise of its neighbors

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const named = (text) => element("bdi", {}, text);
const label = (number) => named(state.classes[number]);
const source = (number) => `image/${number}.png`;
const AHEAD = 3; // images that are loaded before they are shown

async function ask(path, options) {
  const response = await fetch(path, options);
  const value = await response.json();
  if (!response.ok) throw new Error(value.error);
  return value;
}

function post(path, body) {
  queue = queue.then(async () => {
    if (failed) return null;
    try {
      return await ask(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    } catch (error) {
      fail(error);
      return null;
    }
  });
  return queue;
}

function fail(error) {
  failed = true;
  const lost = error instanceof TypeError; // what fetch throws where nobody listens
  at("problem").textContent = lost
    ? "Seedbed does not answer: the review has ended. What you answer now is not kept. Run the command again, and open its new address."
    : `The answer was not kept: ${error.message}. Load the page again to go on.`;
  at("problem").hidden = false;
  document.querySelectorAll(".choices button").forEach((button) => { button.disabled = true; });
}

function nearest(number) {
  if (!neighbors.has(number)) neighbors.set(number, ask(`neighbors/${number}`));
  return neighbors.get(number);
}

function show(spoken = "") {
  const [number, name, split, given, suggested, wrong, votes, networks] = state.labels[place];
  at("image").src = source(number);
  at("image").alt = `Image ${name}`;
  at("name").replaceChildren(named(name), ` (${split})`);
  at("given").replaceChildren(label(given));
  at("suggested").replaceChildren(label(suggested));
  at("wrong").textContent = wrong === null ? "not known: train longer" : wrong < 0.0005 ? "< 0.001" : wrong.toFixed(3);
  at("votes").textContent = `${votes} of ${networks}`;
  const answer = answers.get(number);
  at("answer").replaceChildren(answer === undefined ? "none yet" : answer === null ? "unsure" : label(answer));
  const pressed = { accept: answer === suggested, keep: answer === given, unsure: answer === null };
  for (const [id, is] of Object.entries(pressed)) at(id).setAttribute("aria-pressed", String(is));
  [...at("classes").children].forEach((button, index) => {
    button.setAttribute("aria-pressed", String(index === answer));
  });
  at("previous").disabled = failed || place === 0;
  at("next").disabled = failed || place === state.labels.length - 1;
  at("undo").disabled = failed || answers.size === 0;
  at("progress").max = state.labels.length;
  at("progress").value = answers.size;
  const left = state.total > state.labels.length ? `, the most suspicious of ${state.total.toLocaleString("en")}` : "";
  at("count").textContent =
    `${answers.size.toLocaleString("en")} answered; now ${(place + 1).toLocaleString("en")} of ` +
    `${state.labels.length.toLocaleString("en")} labels${left}; the first ${state.finds.toLocaleString("en")} are finds`;
  at("status").textContent = `${spoken} ${name}, given ${state.classes[given]}, suggested ${state.classes[suggested]}`.trim();
  showNeighbors(number);
  for (const [ahead] of state.labels.slice(place + 1, place + 1 + AHEAD)) {
    new Image().src = source(ahead);
    nearest(ahead).catch(fail);
  }
}

async function showNeighbors(number) {
  at("neighbors").replaceChildren();
  let found;
  try {
    found = await nearest(number);
  } catch (error) {
    fail(error);
    return;
  }
  if (state.labels[place][0] !== number) return; // another image is shown by now
  const none = element("li", {}, "none: the network has no features");
  const items = found.map(([near, name, given]) =>
    element(
      "li",
      {},
      element("img", { src: source(near), alt: `Image ${name}`, width: "100", height: "100" }),
      element("div", {}, label(given)),
      element("div", { class: "name" }, named(name)),
    ),
  );
  at("neighbors").replaceChildren(...(items.length ? items : [none]));
}

function answer(value) {
  if (failed) return;
  const [number] = state.labels[place];
  answers.set(number, value);
  post("answer", { number, label: value });
  const open = ({ 0: other }) => !answers.has(other);
  const later = state.labels.findIndex((of, index) => index > place && open(of));
  const next = later < 0 ? state.labels.findIndex(open) : later;
  if (next >= 0) place = next;
  show(value === null ? "Unsure." : `Answered ${state.classes[value]}.`);
}

async function undo() {
  const done = await post("undo", {});
  if (!done || done.number === null) return;
  answers.delete(done.number);
  if (done.answers.length) answers.set(done.number, done.answers[0]);
  place = state.labels.findIndex(([number]) => number === done.number);
  show("Undone.");
}

function move(by) {
  const to = place + by;
  if (!failed && to >= 0 && to < state.labels.length) {
    place = to;
    show();
  }
}

const actions = {
  accept: () => answer(state.labels[place][4]),
  keep: () => answer(state.labels[place][3]),
  unsure: () => answer(null),
  undo,
  previous: () => move(-1),
  next: () => move(1),
};
const keys = { a: "accept", k: "keep", u: "unsure", z: "undo", Backspace: "undo", ArrowLeft: "previous", ArrowRight: "next" };

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const action = keys[event.key] || keys[event.key.toLowerCase()];
  const chosen = event.key.length === 1 ? state.keys.indexOf(event.key) : -1;
  if (!action && chosen < 0) return;
  event.preventDefault();
  if (action) actions[action]();
  else answer(chosen);
}

async function start() {
  try {
    state = await ask("state");
  } catch (error) {
    fail(error);
    return;
  }
  answers = new Map(state.answers);
  at("dataset").textContent = state.dataset;
  at("reviewer").textContent = state.reviewer;
  at("classes").replaceChildren(
    ...state.classes.map((name, index) => {
      const key = element("kbd", {}, state.keys[index]);
      const button = element("button", { type: "button" }, key, state.keys[index] ? " " : "", named(name));
      button.addEventListener("click", () => answer(index));
      return button;
    }),
  );
  for (const [id, act] of Object.entries(actions)) at(id).addEventListener("click", act);
  document.addEventListener("keydown", onKey);
  const open = state.labels.findIndex(([number]) => !answers.has(number));
  place = Math.max(open, 0);
  show();
  at("main").setAttribute("aria-busy", "false");
}

start();
