/** What is written pixel by pixel, because so many shapes would take a canvas longer than a frame may last. */

export interface Pixels {
  /** A colour as the four bytes of a pixel, the last one for how opaque it is. */
  readonly wordOf: (ink: string) => number;
  /** Empty pixels of so many columns and rows. They are the same ones each time, until `drawn`. */
  readonly blank: (w: number, h: number) => Uint32Array;
  /** What has been written since `blank`, to be drawn from its upper left corner. */
  readonly drawn: () => OffscreenCanvas;
}

/** @param inks colours by their names, as CSS writes them */
export function createPixels(inks: Readonly<Record<string, string>>): Pixels {
  const words = new Map<string, number>();
  let image = new ImageData(1, 1);
  let pixels = new Uint32Array(1);
  let sheet: OffscreenCanvas | undefined;
  return {
    wordOf(ink) {
      let word = words.get(ink);
      if (word === undefined) {
        const one = new OffscreenCanvas(1, 1).getContext('2d')!;
        one.fillStyle = inks[ink];
        one.fillRect(0, 0, 1, 1);
        word = new Uint32Array(one.getImageData(0, 0, 1, 1).data.buffer)[0];
        words.set(ink, word);
      }
      return word;
    },
    blank(w, h) {
      if (image.width !== w || image.height !== h) {
        image = new ImageData(w, h);
        pixels = new Uint32Array(image.data.buffer);
      } else pixels.fill(0);
      return pixels;
    },
    drawn() {
      const { width, height } = image;
      if (sheet === undefined || sheet.width !== width || sheet.height !== height)
        sheet = new OffscreenCanvas(width, height);
      sheet.getContext('2d')!.putImageData(image, 0, 0);
      return sheet;
    },
  };
}
