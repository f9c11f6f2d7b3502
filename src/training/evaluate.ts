// Mean loss and metrics over all examples.  https://keras.io/api/models/model_training_apis/#evaluate-method
import { check } from '../base/errors.js';
import { meansOfFeed } from './feed.js';
import { openFeed, type FeedData, type FeedOptions } from './openFeed.js';
import { OVERFLOW } from './prediction.js';
import type { Logs, Session } from './session.js';
import { addUp, prepare } from './steps.js';

export async function evaluate(session: Session, data: FeedData, observe: FeedOptions['observe']): Promise<Logs> {
  const who = 'evaluate';
  const feed = await openFeed(data, { who, session, batchSize: session.batchSize, observe });
  const logs = await meansOfFeed(feed, session, (batch, totals) =>
    addUp(session, prepare(session, ...(batch?.examples ?? feed.held!), who), totals),
  );
  check(Number.isFinite(logs.loss), () => `evaluate's loss is ${logs.loss}; ${OVERFLOW}`);
  return logs;
}
