// Mean loss and metrics over all examples.  https://keras.io/api/models/model_training_apis/#evaluate-method
import { check } from '../base/errors.js';
import { checkOptions } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { meansOfFeed } from './feed.js';
import type { FitOptions } from './fit.js';
import { openFeed, type FeedData, type FeedOptions } from './openFeed.js';
import { checkVerbose, figuresOf } from './progress.js';
import { OVERFLOW } from './prediction.js';
import type { Logs, Session } from './session.js';
import { addUp, prepareAgain } from './steps.js';

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends Pick<FitOptions, 'sampleWeight'> {
  /** Examples at once; any number gives the same bits, so that those of compile() are taken. */
  readonly batchSize?: number;
  /** 0 (default): prints nothing; otherwise a line at the end. */
  readonly verbose?: FitOptions['verbose'];
}

export async function evaluate(
  session: Session,
  data: FeedData,
  options: EvaluateOptions,
  observe: FeedOptions['observe'],
): Promise<Logs> {
  const who = 'evaluate';
  checkOptions(options, ['batchSize', 'sampleWeight', 'verbose'], who);
  const { batchSize = 1, sampleWeight, verbose = 0 } = options;
  checkWhole(batchSize, "evaluate's batchSize");
  checkVerbose(verbose, who);
  const feed = await openFeed(data, { who, session, batchSize: session.batchSize, observe, sampleWeight });
  const logs = await meansOfFeed(feed, session, (batch, totals) =>
    addUp(session, prepareAgain(session, batch?.examples ?? feed.held!, who), totals),
  );
  check(Number.isFinite(logs.loss), () => `evaluate's loss is ${logs.loss}; ${OVERFLOW}`);
  if (verbose !== 0) console.log(['Evaluated', ...figuresOf(logs)].join(' - '));
  return logs;
}
