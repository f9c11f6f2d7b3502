// Networks of the layers that have a file here, a line each.
export { averagePooling2dNetworks } from './averagePooling2d.js';
