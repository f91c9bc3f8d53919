/** The client went away before its request was whole or its work begun: there is nobody to answer. */
export class ClientGoneError extends Error {}
