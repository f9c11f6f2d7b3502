// Networks of the layers that have a file here, a line each.
export {};
