// The text colour that can be read on the accent colour (WCAG relative luminance).

const LUMINANCE_OF_EQUAL_CONTRAST = 0.179;

export function readableOn(host) {
  const probe = document.createElement("span");
  probe.style.color = host.style.getPropertyValue("--accent");
  host.append(probe);
  const channels = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [0, 0, 0];
  probe.remove();
  return luminance(channels.slice(0, 3).map(Number)) > LUMINANCE_OF_EQUAL_CONTRAST ? "#16181d" : "#ffffff";
}

function luminance(channels) {
  const [red, green, blue] = channels
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
