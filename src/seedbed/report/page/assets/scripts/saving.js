// Parts that are no charts are saved as they are seen, drawn anew as SVG: on white, in the light colors.
const SCALE = 3; // of a PNG
const SVG_SPACE = "http://www.w3.org/2000/svg";

function svgElement(tag, attributes, ...children) {
  const made = document.createElementNS(SVG_SPACE, tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

// What a tile shows, or a canvas, as the address of an image.
async function tileAddress(tile) {
  const style = getComputedStyle(tile);
  const [width, height, columns, column, row] = ["--width", "--height", "--columns", "--column", "--row"].map(
    (name) => Number(tile.style.getPropertyValue(name)),
  );
  const sprite = new Image();
  sprite.src = style.backgroundImage.slice(5, -2);
  await sprite.decode();
  const size = sprite.naturalWidth / (columns * width); // phones may show a smaller one
  const place = tile.getBoundingClientRect();
  const canvas = element("canvas", { width: Math.ceil(2 * place.width), height: Math.ceil(2 * place.height) });
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = tile.classList.contains("smooth");
  context.drawImage(
    sprite, column * width * size, row * height * size, width * size, height * size, 0, 0, canvas.width, canvas.height,
  );
  return canvas.toDataURL();
}

function boxOf(style, box, opaque) {
  const [fill, border] = [style.backgroundColor, parseFloat(style.borderTopWidth)];
  const made = svgElement("rect", {
    ...box, rx: parseFloat(style.borderTopLeftRadius) || 0, fill: opaque(fill) ? fill : "none",
  });
  if (border && opaque(style.borderTopColor) && style.borderTopStyle !== "none") {
    made.setAttribute("stroke", style.borderTopColor);
  }
  return made;
}

// The lines of a text as it is broken, each where it stands.
function linesOf(node, style, origin) {
  const range = document.createRange();
  const lines = [];
  for (const word of node.data.matchAll(/\S+/g)) {
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const last = lines.at(-1);
    if (last && Math.abs(last.top - box.top) < 2) {
      last.text += ` ${word[0]}`;
    } else {
      lines.push({ text: word[0], left: box.left, top: box.top, height: box.height });
    }
  }
  const size = parseFloat(style.fontSize);
  const vertical = style.writingMode.startsWith("vertical");
  return lines.map(({ text, left, top, height }) => {
    const [x, y] = [left - origin.left, top - origin.top];
    const place = vertical
      ? { transform: `translate(${x + size} ${y + height}) rotate(-90)` }
      : { x, y: y + height / 2 + 0.35 * size };
    return svgElement(
      "text",
      { ...place, "font-size": size, "font-weight": style.fontWeight, "font-family": style.fontFamily, fill: style.color },
      text,
    );
  });
}

async function blockAsSvg(block) {
  const opaque = (color) => !/^(transparent|rgba\(.*, 0\))$/.test(color);
  document.documentElement.classList.add("light");
  try {
    const origin = block.getBoundingClientRect();
    const width = Math.ceil(block.scrollWidth || origin.width);
    const height = Math.ceil(Math.max(block.scrollHeight, origin.height));
    const drawing = svgElement("svg", { xmlns: SVG_SPACE, width, height, viewBox: `0 0 ${width} ${height}` });
    drawing.append(svgElement("rect", { width, height, fill: "#ffffff" }));
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
      if (holder.closest("button, select, input, .tools, .hidden, [hidden]") || !holder.checkVisibility()) continue;
      const style = getComputedStyle(holder);
      if (node.nodeType === Node.TEXT_NODE) {
        drawing.append(...linesOf(node, style, origin));
        continue;
      }
      const at = node.getBoundingClientRect();
      const box = { x: at.left - origin.left, y: at.top - origin.top, width: at.width, height: at.height };
      const address = node.matches("[class*=sprite-]")
        ? await tileAddress(node)
        : node.matches("canvas") ? node.toDataURL() : node.matches("img") ? node.src : null;
      if (address) {
        drawing.append(svgElement("image", { ...box, href: address, "image-rendering": style.imageRendering }));
      } else if (node.ownerSVGElement === null) {
        const copy = node.cloneNode(true);
        Object.entries(box).forEach(([name, value]) => copy.setAttribute(name, value));
        copy.style.color = style.color;
        drawing.append(copy);
      } else if (!node.ownerSVGElement && box.width && (opaque(style.backgroundColor) || parseFloat(style.borderTopWidth))) {
        drawing.append(boxOf(style, box, opaque));
      }
    }
    return { text: new XMLSerializer().serializeToString(drawing), width, height };
  } finally {
    document.documentElement.classList.remove("light");
  }
}

async function asPng({ text, width, height }) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = element("canvas", { width: SCALE * width, height: SCALE * height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return canvas.toDataURL("image/png");
}

function download(address, name, kind) {
  const whole = [document.title.split(" · ")[0], name].join("-");
  const safe = whole.replace(/[^\p{Letter}\p{Number}]+/gu, "-").slice(0, 80);
  element("a", { href: address, download: `${safe}.${kind}` }).click();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-save-block]");
  if (button) {
    const kind = button.dataset.saveBlock;
    const holder = button.closest("[data-saved]") ?? find("[data-saved]", button.closest("p").parentElement);
    const near = button.closest("p").previousElementSibling;
    const block = near?.matches("[data-saved]") ? near : holder;
    const made = await blockAsSvg(block);
    const name = button.ariaLabel.split(": ")[1];
    const address = kind === "png" ? await asPng(made) : `data:image/svg+xml,${encodeURIComponent(made.text)}`;
    download(address, name.toLowerCase(), kind);
  }
});
