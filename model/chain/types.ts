/** The types of a chain of timeouts, as its schema says it. */
export type {
  Chain,
  ChainInput,
  ClientHop,
  Expiry,
  Hop,
  MiddleboxHop,
  OrchestratorHop,
  ProxyHop,
  ServerHop,
} from './schema.ts';
