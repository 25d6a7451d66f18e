// What all parts of the page use. Text of users' goes into the page as text only, never as HTML.
const data = JSON.parse(document.getElementById("page-data").textContent);

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

// An element with attributes and children, which are elements or text.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children);
  return made;
}

// A name, apart from the text around it, which may run in the other direction.
const named = (text) => element("bdi", { title: text.length > 40 ? text : null }, text);

const percent = (fraction, digits = 2) => `${(100 * fraction).toFixed(digits)} %`;
const grouped = (number, digits = 0) =>
  number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

// Which configuration "A closer look" is of, and which the charts of label noise are of; `watchers`
// are told when one of them changes.
const chosen = { configuration: data.best, noisy: data.noisiest };
const watchers = [];

function offerChoice(name) {
  const select = document.getElementById(name);
  if (select) {
    select.value = String(chosen[name]);
    select.addEventListener("change", () => {
      chosen[name] = Number(select.value);
      watchers.forEach((tell) => tell(name));
    });
  }
}

offerChoice("configuration");
offerChoice("noisy");
