/** A car of 32 by 32 pixels, as short as a picture can be that shows something. */
export const EXAMPLE = {
  image:
    'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAgMAAAAOFJJnAAAADFBMVEX////IHh4oKCgAAADaiwPYAAAAUklEQVR42qXLoQ2EUBQF0fNe' +
    'wK+hCar4JSCgH8rZBAQl4WmABIMiWNgddTO5wy8EdedY5GWejDCA6VWV9DSkCEqRKiV8pMU2O+5zZTeywpfWv5w4bwrRG9d3CQAAAABJ' +
    'RU5ErkJggg==',
};
