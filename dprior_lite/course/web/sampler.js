// A picture of the prior, drawn step by step: up the residual, with less and less noise (Kadkhodaie & Simoncelli 2021, algorithm 1).
(function (D) {
  "use strict";
  var N = D.net, LEFT = 36, TOP = 18, BELOW = 34, RIGHT = 12;

  // Share of the residual that step t = 1, 2, ... takes; from h0 towards 1.
  function share(t, h0) { return h0 * t / (1 + h0 * (t - 1)); }

  // What the network makes of y (H, W), and the noise that it thinks is in there: the root of the mean squared residual.
  function believed(net, y, H, W) {
    var x = N.forward(net, y, H, W);
    return {y: y, x: x, sigma: Math.sqrt(y.reduce(function (sum, value, p) { return sum + Math.pow(x[p] - value, 2); }, 0) / y.length)};
  }

  // The next y: a share h of the residual, and as much noise z that a part 1 - beta h of sigma is left.
  function stepped(state, h, beta, z) {
    var gamma = state.sigma * Math.sqrt(Math.max(0, Math.pow(1 - beta * h, 2) - Math.pow(1 - h, 2)));
    return state.y.map(function (value, p) { return value + h * (state.x[p] - value) + gamma * z[p]; });
  }

  // One walk, kept from its first state on. Step t has noise of its own, the same for every beta.
  function Walk(net, data, beta, seed) {
    var states = [];
    function last() { return states[states.length - 1]; }
    function z(t) { return N.noise(data.most * seed + t, data.height * data.width); }
    function add(y) { states.push(believed(net, y, data.height, data.width)); }
    add(z(0).map(function (value) { return data.mean + data.sigma0 * value; }));
    return {
      states: states, beta: beta, seed: seed, last: last,
      arrived: function () { return last().sigma <= data.sigmaL; },
      over: function () { return this.arrived() || states.length > data.steps || !isFinite(last().sigma); },
      go: function () {
        var t = states.length;
        add(stepped(last(), share(t, data.h0), beta, z(t)));
      },
    };
  }

  // toFixed writes what has overflowed as Infinity.
  function fixed(value, digits) {
    return value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "\u2212").replace("Infinity", "\u221e");
  }
  function level(sigma) { return String(Number(sigma.toPrecision(2))).replace("Infinity", "\u221e"); }
  function peak(values) { return Math.max.apply(null, values); }
  function ends(values) { return "min " + fixed(Math.min.apply(null, values), 2) + ", peak " + fixed(peak(values), 2); }

  function markup(tag, attributes, text) {
    return "<" + tag + Object.keys(attributes).map(function (name) { return " " + name + '="' + attributes[name] + '"'; }).join("") +
      ">" + (text === undefined ? "" : text) + "</" + tag + ">";
  }

  // The noise against the step, on a logarithmic axis with a little room below the level at which a walk ends.
  function Frame(width, height, data, theory, walk) {
    var sigmas = walk.states.map(function (state) { return state.sigma; }).concat(theory).filter(isFinite);
    var top = Math.log10(1.1 * peak(sigmas)), bottom = Math.log10(data.sigmaL / 1.8);
    var steps = Math.max(theory.length, walk.states.length) - 1, w = width - LEFT - RIGHT, h = height - TOP - BELOW;
    return {
      w: w, h: h, steps: steps, top: top, bottom: bottom,
      x: function (step) { return LEFT + step / Math.max(1, steps) * w; },
      y: function (sigma) { return TOP + Math.min(1, (top - Math.log10(sigma)) / (top - bottom)) * h; },
    };
  }

  function axes(frame, data, height) {
    var made = [], every = [2, 5, 10, 20, 50, 100, 200, 500].find(function (step) { return frame.steps / step <= 5; }) || 1000;
    for (var power = Math.floor(frame.top); power >= frame.bottom; power--) {
      var y = frame.y(Math.pow(10, power));
      made.push(markup("line", {x1: LEFT, x2: LEFT + frame.w, y1: y, y2: y, "class": "dp-rule"}),
                markup("text", {x: LEFT - 6, y: y + 4, "text-anchor": "end"}, level(Math.pow(10, power))));
    }
    for (var step = 0; step <= frame.steps; step += every) {
      made.push(markup("text", {x: frame.x(step), y: TOP + frame.h + 16, "text-anchor": "middle"}, step));
    }
    var goal = frame.y(data.sigmaL);
    made.push(markup("line", {x1: LEFT, x2: LEFT + frame.w, y1: goal, y2: goal, "class": "dp-goal"}),
              markup("text", {x: 0, y: 12}, "σ"), markup("text", {x: LEFT + frame.w / 2, y: height - 3, "text-anchor": "middle"}, "step"));
    return made.join("");
  }

  function curve(frame, sigmas, name) {
    return markup("polyline", {"class": name, points: sigmas.map(function (sigma, step) {
      return isFinite(sigma) ? frame.x(step).toFixed(1) + "," + frame.y(sigma).toFixed(1) : "";
    }).join(" ")});
  }

  // As high as the pictures beside it.
  function plot(svg, height, data, theory, walk, shown) {
    var width = svg.parentNode.clientWidth;
    if (!width) return;
    var frame = Frame(width, height, data, theory, walk), here = walk.states[shown];
    var sigmas = walk.states.map(function (state) { return state.sigma; });
    svg.setAttribute("viewBox", "0 0 " + width + " " + height);
    svg.style.height = height + "px";
    svg.innerHTML = axes(frame, data, height) +
      markup("line", {x1: frame.x(shown), x2: frame.x(shown), y1: TOP, y2: TOP + frame.h, "class": "dp-here"}) +
      curve(frame, sigmas, "dp-trace-1") + curve(frame, theory, "dp-trace-2") +
      (isFinite(here.sigma) ? markup("circle", {cx: frame.x(shown), cy: frame.y(here.sigma), r: 5.5, "class": "dp-trace-1"}) : "");
    svg.setAttribute("aria-label", "Noise sigma against the step, logarithmic: measured " + level(sigmas[0]) + " at first, " +
      level(sigmas[sigmas.length - 1]) + " after " + (sigmas.length - 1) + " steps; theory reaches " + data.sigmaL + " after " +
      (theory.length - 1));
  }

  // What was drawn last, oldest first, each walk once.
  function Collection(list, shape) {
    var places = Array.from(list.children), kept = [];
    function fill() {
      places.forEach(function (place, i) {
        var each = kept[i];
        place.toggleAttribute("aria-hidden", !each);
        place.innerHTML = each ? markup("canvas", {width: shape[1], height: shape[0], role: "img"}) +
          markup("span", {}, "seed " + each.seed + "<br>β " + each.beta) + markup("b", {}) : "";
        if (!each) return;
        place.dataset.name = "seed " + each.seed + ", beta " + each.beta;
        N.show(place, each.x, "peak " + fixed(peak(each.x), 2));
      });
    }
    return {
      add: function (walk) {
        if (kept.some(function (each) { return each.seed === walk.seed && each.beta === walk.beta; })) return;
        kept = kept.concat({seed: walk.seed, beta: walk.beta, x: walk.last().x}).slice(-places.length);
        fill();
      },
      clear: function () {
        kept = [];
        fill();
      },
    };
  }

  D.sampler = {share: share, believed: believed, stepped: stepped};

  D.kinds.sampler = function (root, data) {
    var find = function (selector) { return root.querySelector(selector); };
    var all = function (selector) { return Array.from(root.querySelectorAll(selector)); };
    var panels = all(".dp-panel"), sliders = all("input"), outputs = all("output"), button = find("[data-draw]"), live = find(".dp-live");
    var net = N.decode(data.net), collection = Collection(find(".dp-collection ol"), [data.height, data.width]);
    var seed = data.seed, turn = 0, walk, theory, shown, following, state;

    // Nothing moves for readers who asked for that; they get the end.
    function still() { return window.matchMedia("(prefers-reduced-motion: reduce)").matches; }

    var paint = D.soon(function () {
      var here = walk.states[shown];
      N.show(panels[0], here.y, ends(here.y));
      N.show(panels[1], here.x, ends(here.x));
      plot(panels[2].querySelector("svg"), Math.max(170, panels[0].querySelector("canvas").clientHeight), data, theory, walk, shown);
      outputs[1].textContent = shown;
      sliders[1].setAttribute("aria-valuetext", "step " + shown + ", sigma " + level(here.sigma));
      find(".dp-status").textContent = sentence();
      root.dataset.shown = [walk.seed, walk.beta, shown].join(":");
    });

    function sentence() {
      var steps = walk.states.length - 1, told = "Seed " + walk.seed + ", β = " + walk.beta + ": ";
      var sigma = function (at) { return "σ = " + level(walk.states[at].sigma); };
      if (state === "ready") return "Press Draw. At β = " + walk.beta + " theory expects " + (theory.length - 1) + " steps.";
      if (state === "running") return told + "step " + steps + ", " + sigma(steps);
      var end = walk.arrived() ? "arrived after " + steps : "did not arrive in " + steps;
      return told + end + " steps, theory " + (theory.length - 1) + ". Shown is step " + shown + ", " + sigma(shown) + ".";
    }

    function look(step) {
      var length = walk.states.length - 1;
      shown = Math.min(step, length);
      following = state === "running" && shown === length;
      sliders[1].max = state === "running" ? Math.max(theory.length - 1, length) : length;
      sliders[1].value = shown;
      sliders[1].disabled = !length;
      paint();
    }

    function begin(running) {
      turn += 1;
      theory = data.theory[sliders[0].value];
      walk = Walk(net, data, data.betas[sliders[0].value], seed);
      state = running ? "running" : "ready";
      button.textContent = running ? "Another seed" : "Draw";
      outputs[0].textContent = walk.beta;
      live.textContent = "";
      look(0);
      if (running) later(turn);
    }

    // A step a picture, and a short walk more slowly, so that it can be followed.
    function later(mine) {
      if (still()) setTimeout(go, 0, mine);
      else setTimeout(requestAnimationFrame, Math.min(100, 2000 / theory.length), function () { go(mine); });
    }

    // A walk that the reader has given up ends here.
    function go(mine) {
      if (mine !== turn) return;
      if (walk.over()) return finish();
      walk.go();
      var steps = walk.states.length - 1;
      if (!still()) {
        look(following ? steps : shown);
        if (steps % Math.ceil(theory.length / 3) === 0) live.textContent = "step " + steps + ", sigma " + level(walk.last().sigma);
      }
      later(mine);
    }

    function finish() {
      var last = following || still();
      state = "done";
      look(last ? walk.states.length - 1 : shown);
      if (walk.arrived()) collection.add(walk);
      live.textContent = sentence();
      root.dataset.drawn = Number(root.dataset.drawn || 0) + 1;
    }

    sliders[0].addEventListener("input", D.soon(function () { begin(true); }));
    sliders[1].addEventListener("input", function () { look(Number(sliders[1].value)); });
    button.addEventListener("click", function () {
      if (state !== "ready") seed += 1;
      begin(true);
    });
    find("[data-reset]").addEventListener("click", function () {
      seed = data.seed;
      sliders[0].value = data.start;
      collection.clear();
      begin(false);
    });
    all("[data-live]").forEach(function (part) { part.hidden = false; });
    find(".dp-static").hidden = true;
    new ResizeObserver(paint).observe(panels[2]);
    begin(false);
  };
})(window.DPrior);
