// A line chart of Chart.js as a part of a picture.
import {
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  type ChartConfiguration,
} from 'chart.js';
import { COLORS, FONT_FAMILIES, openPlot, TEXT_SIZE, type Context2D, type CreateCanvas } from './style.js';

Chart.register(Legend, LinearScale, LineController, LineElement, PointElement);

export const chartFont = (size: number = TEXT_SIZE, bold = false) =>
  ({ family: FONT_FAMILIES, size, weight: bold ? 'bold' : 'normal' }) as const;

/** Draws it on a canvas of its own, on the pictures' ground and without animation, and copies the pixels to [x, y] of the picture. */
export function putLineChart(
  ctx: Context2D,
  createCanvas: CreateCanvas,
  { x, y, width, height }: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  { options, ...configuration }: ChartConfiguration<'line'>,
): void {
  const { canvas, ctx: from } = openPlot(createCanvas, width, height);
  const chart = new Chart(canvas as never, {
    ...configuration,
    plugins: [
      {
        id: 'ground',
        beforeDraw: ({ ctx: ground }) => {
          ground.fillStyle = COLORS.ground;
          ground.fillRect(0, 0, width, height);
        },
      },
    ],
    options: { animation: false, responsive: false, devicePixelRatio: 1, events: [], ...options },
  });
  const pixels = from.getImageData(0, 0, width, height);
  chart.destroy();
  ctx.putImageData(pixels as never, x, y);
}
