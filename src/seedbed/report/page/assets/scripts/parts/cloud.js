// The feature space: a cloud of test images that can be turned.
const SHAPES = ["circle", "triangle", "square", "diamond"]; // when the colors have been used up
const TURN = Math.PI / 18; // by an arrow key
const NEAR = 14; // pixels between the pointer and an image that it means
const START = { yaw: -0.6, pitch: 0.35, zoom: 1 };

function offerCloud(place) {
  const { clouds, colors } = partData("feature-space");
  const stage = document.getElementById("cloud-stage");
  const tip = document.getElementById("cloud-tip");
  const canvas = find("canvas", stage);
  const list = document.getElementById("cloud-classes");
  let cloud = clouds[0];
  let view = { ...START };
  let off = new Set(); // classes
  let drawn = []; // images from back to front, with their places on the canvas
  let furthest = 1; // from the center, of nearly all images
  let wrong = 0; // images
  let onPaper = false;
  let waiting = false;

  const color = (label) => colors[label % colors.length];
  const shape = (label) => SHAPES[Math.floor(label / colors.length) % SHAPES.length];
  const classes = () => data.sets[data.configurations[cloud.place].set].classes;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function project(x, y, z, width, height) {
    const [sinYaw, cosYaw] = [Math.sin(view.yaw), Math.cos(view.yaw)];
    const [sinPitch, cosPitch] = [Math.sin(view.pitch), Math.cos(view.pitch)];
    const across = x * cosYaw + z * sinYaw;
    const back = z * cosYaw - x * sinYaw;
    const up = y * cosPitch - back * sinPitch;
    const near = y * sinPitch + back * cosPitch; // -1 to 1, towards the reader
    const scale = (0.44 * view.zoom * Math.min(width, height)) / (1 - 0.22 * near);
    return { left: width / 2 + across * scale, top: height / 2 - up * scale, near };
  }

  function outline(context, kind, left, top, radius) {
    context.beginPath();
    if (kind === "circle") {
      context.arc(left, top, radius, 0, 2 * Math.PI);
    } else if (kind === "square") {
      context.rect(left - 1.1 * radius, top - 1.1 * radius, 2.2 * radius, 2.2 * radius);
    } else {
      const corners = kind === "triangle" ? [[0, -1.7], [1.6, 1.2], [-1.6, 1.2]] : [[0, -1.7], [1.3, 0], [0, 1.7], [-1.3, 0]];
      corners.forEach(([x, y]) => context.lineTo(left + x * radius, top + y * radius));
      context.closePath();
    }
  }

  function paint() {
    waiting = false;
    const { clientWidth: width, clientHeight: height } = stage;
    const dense = window.devicePixelRatio * (onPaper ? 2 : 1);
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    const context = canvas.getContext("2d");
    context.scale(dense, dense);
    const ink = onPaper ? "#1b2024" : css("--ink");
    const muted = onPaper ? "#59626a" : css("--muted");
    axes(context, width, height, muted);
    drawn = [];
    cloud.x.forEach((x, number) => {
      if (!off.has(cloud.true[number])) {
        const at = project(x / furthest, cloud.y[number] / furthest, cloud.z[number] / furthest, width, height);
        drawn.push({ ...at, number });
      }
    });
    drawn.sort((one, other) => one.near - other.near);
    const rings = wrong > 0.2 * cloud.true.length ? 0.4 : 0.9; // many must not hide the rest
    for (const { left, top, near, number } of drawn) {
      const radius = (2.6 + 1.1 * near) * Math.min(1 + 0.3 * (view.zoom - 1), 2);
      const label = cloud.true[number];
      context.globalAlpha = 0.72 + 0.24 * near;
      context.fillStyle = color(label);
      outline(context, shape(label), left, top, radius);
      context.fill();
      if (cloud.predicted[number] !== label) {
        context.globalAlpha = rings;
        context.strokeStyle = ink;
        context.lineWidth = 1.2;
        outline(context, "circle", left, top, radius + 2);
        context.stroke();
      }
    }
    context.globalAlpha = 1;
    stage.dataset.drawn = String(drawn.length);
  }

  function axes(context, width, height, ink) {
    context.strokeStyle = context.fillStyle = ink;
    context.lineWidth = 1;
    context.font = `12px ${css("--text")}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const center = project(0, 0, 0, width, height);
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]].forEach((axis, number) => {
      const end = project(...axis.map((each) => 0.95 * each), width, height);
      const name = project(...axis.map((each) => 1.04 * each), width, height);
      context.globalAlpha = 0.45;
      context.beginPath();
      context.moveTo(center.left, center.top);
      context.lineTo(end.left, end.top);
      context.stroke();
      context.globalAlpha = 1;
      context.fillText(String(number + 1), name.left, name.top);
    });
  }

  function repaint() {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(paint);
    }
  }

  function hide() {
    tip.hidden = true;
  }

  function tell(event) {
    const box = stage.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let nearest = null;
    let distance = NEAR;
    for (const each of drawn) { // of equally near ones the one in front
      const away = Math.hypot(each.left - x, each.top - y);
      if (away <= distance) {
        [nearest, distance] = [each, away];
      }
    }
    if (!nearest) {
      hide();
      return;
    }
    const { number } = nearest;
    const { set } = data.configurations[cloud.place];
    const [index, label, predicted] = [cloud.index[number], cloud.true[number], cloud.predicted[number]];
    const words = element("span", {}, `Test image ${shortened(cloud.name[number])}: label `, named(classes()[label]), ", predicted ", named(classes()[predicted]));
    tip.replaceChildren(...(places[set].has(index) ? [tile(set, index, "")] : []), words);
    tip.hidden = false;
    const left = nearest.left + 12 + tip.offsetWidth > box.width ? nearest.left - 12 - tip.offsetWidth : nearest.left + 12;
    tip.style.left = `${Math.max(left, 4)}px`;
    tip.style.top = `${Math.min(Math.max(nearest.top - tip.offsetHeight / 2, 4), box.height - tip.offsetHeight - 4)}px`;
  }

  function turn(yaw, pitch) {
    view.yaw += yaw;
    view.pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, view.pitch + pitch));
    hide();
    repaint();
  }

  let held = null;
  stage.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY, moved: 0 };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!held) {
      tell(event);
      return;
    }
    const [across, down] = [event.clientX - held.x, event.clientY - held.y];
    held = { x: event.clientX, y: event.clientY, moved: held.moved + Math.hypot(across, down) };
    turn(across / 120, down / 120);
  });
  const release = (event) => {
    if (held && held.moved < 4 && event.type === "pointerup") {
      tell(event);
    }
    held = null;
  };
  stage.addEventListener("pointerup", release);
  stage.addEventListener("pointercancel", release);
  stage.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") {
      hide();
    }
  });

  const KEYS = {
    ArrowLeft: () => turn(-TURN, 0),
    ArrowRight: () => turn(TURN, 0),
    ArrowUp: () => turn(0, -TURN),
    ArrowDown: () => turn(0, TURN),
    "+": () => zoom(1.25),
    "-": () => zoom(0.8),
    Home: reset,
    Escape: hide,
  };
  stage.addEventListener("keydown", (event) => {
    if (KEYS[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });

  function zoom(factor) {
    view.zoom = Math.max(0.5, Math.min(8, view.zoom * factor));
    hide();
    repaint();
  }

  function reset() {
    view = { ...START };
    hide();
    repaint();
  }

  function marker(label) {
    const space = "http://www.w3.org/2000/svg";
    const picture = document.createElementNS(space, "svg");
    picture.setAttribute("viewBox", "-8 -8 16 16");
    picture.setAttribute("aria-hidden", "true");
    const paths = {
      circle: "M0-6A6 6 0 1 1 0 6A6 6 0 1 1 0-6Z",
      square: "M-5-5H5V5H-5Z",
      triangle: "M0-6L6 5H-6Z",
      diamond: "M0-7L5 0L0 7L-5 0Z",
    };
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", paths[shape(label)]);
    path.setAttribute("fill", color(label));
    picture.append(path);
    return picture;
  }

  function switchAll(on) {
    off = new Set(on ? [] : classes().keys());
    findAll("button", list).forEach((each) => each.setAttribute("aria-pressed", String(on)));
    hide();
    repaint();
  }

  function fill() {
    const names = classes();
    // A few images that lie far out may leave the stage, so that the others fill it.
    const lengths = cloud.x.map((x, number) => Math.hypot(x, cloud.y[number], cloud.z[number])).sort((one, other) => one - other);
    furthest = lengths[Math.floor(0.99 * (lengths.length - 1))] || 1;
    wrong = cloud.true.filter((label, number) => label !== cloud.predicted[number]).length;
    const [first, second, third] = cloud.explained.map((each) => percent(each, 1));
    const images = grouped(cloud.true.length);
    document.getElementById("cloud-note").textContent =
      `${images} test images, ${cloud.run}. Axes 1, 2 and 3 explain ${first}, ${second} and ${third} of the variance; ` +
      `${wrong ? `${grouped(wrong)} misclassified images are ringed` : "every image is classified correctly"}.`;
    stage.setAttribute(
      "aria-label",
      `A cloud of ${images} test images in three dimensions, colored by class; ${grouped(wrong)} are misclassified. The table below shows how well the classes separate.`,
    );
    off = new Set();
    list.replaceChildren(
      ...names.map((name, label) => {
        const button = element("button", { type: "button", "aria-pressed": "true" }, marker(label), named(name));
        button.addEventListener("click", () => {
          const shown = off.has(label);
          if (shown) {
            off.delete(label);
          } else {
            off.add(label);
          }
          button.setAttribute("aria-pressed", String(shown));
          hide();
          repaint();
        });
        return element("li", {}, button);
      }),
    );
    repaint();
  }

  const ACTIONS = {
    closer: () => zoom(1.25),
    further: () => zoom(0.8),
    reset,
    all: () => switchAll(true),
    none: () => switchAll(false),
  };
  place.addEventListener("click", (event) => {
    ACTIONS[event.target.closest("[data-cloud]")?.dataset.cloud]?.();
  });
  document.getElementById("cloud-choice")?.addEventListener("change", (event) => {
    cloud = clouds[Number(event.target.value)];
    hide();
    fill();
  });
  new ResizeObserver(repaint).observe(stage);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  for (const [name, paper] of [["beforeprint", true], ["afterprint", false]]) {
    addEventListener(name, () => {
      onPaper = paper;
      paint();
    });
  }
  fill();
}

const cloudPlace = document.getElementById("cloud");
if (cloudPlace) {
  offerCloud(cloudPlace);
}
