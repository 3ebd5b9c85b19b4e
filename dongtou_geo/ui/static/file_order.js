/* Hands a made file to the browser, once: a page that is drawn again must not download it again. */
const handed = new Set();

export default function ({ data }) {
  const whole = new Uint8Array(data);
  const length = new DataView(whole.buffer).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + length)));
  if (handed.has(head.order)) { return; }
  handed.add(head.order);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([whole.subarray(4 + length)], { type: head.mime }));
  link.download = head.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
