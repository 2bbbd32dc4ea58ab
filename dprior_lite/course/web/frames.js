// Pictures drawn in advance: each slider is one axis of a table of frames.
DPrior.kinds.frames = function (root, data) {
  "use strict";
  var picture = root.querySelector("img");
  var inputs = Array.from(root.querySelectorAll("input"));
  var outputs = Array.from(root.querySelectorAll("output"));
  var first = picture.src;

  // The picture that stands in the page is not repeated in the record: its place there says so.
  function address(text) { return text.slice(0, 4) === "img:" ? first : "data:image/png;base64," + text; }

  function show() {
    var index = 0;
    inputs.forEach(function (input, axis) {
      var text = data.values[axis][Number(input.value)];
      index = index * data.values[axis].length + Number(input.value);
      outputs[axis].textContent = text;
      input.setAttribute("aria-valuetext", text);
    });
    picture.src = address(data.pictures[data.frames[index]]);
    picture.alt = data.alts[index];
  }

  inputs.forEach(function (input) { input.addEventListener("input", show); });
  root.querySelector(".dp-controls").hidden = false;
  show();
};
