// An SVG text as a PNG picture, without a browser and with a font of our own, since a server may have none.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) =>
  require.resolve(`dejavu-fonts-ttf/ttf/${name}`),
)

/**
 * Draws an SVG document into PNG bytes on white; every text is set in DejaVu Sans, so that the same SVG gives the same
 * picture everywhere.
 * @param scale  pixels of the picture for each pixel of the SVG
 * @throws Error by resvg for a text that is no SVG
 */
export async function pngOf(svg: string, scale = 3): Promise<Uint8Array> {
  // Only those who want pictures wait for the library.
  const { Resvg } = await import('@resvg/resvg-js')
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    background: 'white',
    font: { fontFiles, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
  })
  return picture.render().asPng()
}
