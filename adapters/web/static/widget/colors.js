// The text colour that can be read on an accent colour (WCAG relative luminance).

const LUMINANCE_OF_EQUAL_CONTRAST = 0.179;

export function readableOn(color) {
  return luminance(channels(color)) > LUMINANCE_OF_EQUAL_CONTRAST ? "#16181d" : "#ffffff";
}

// Whatever notation the colour has, a painted pixel tells its red, green and blue.
function channels(color) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

function luminance(values) {
  const [red, green, blue] = values
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
