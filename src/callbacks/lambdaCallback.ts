// A callback of single functions.  https://keras.io/api/callbacks/lambda_callback/
import { checkCallbacks, type Callbacks } from './callback.js';

/** The same as the object of functions itself, which fit takes, too; checked where it is made. */
export function lambdaCallback(functions: Callbacks): Callbacks {
  checkCallbacks([functions]);
  return functions;
}
