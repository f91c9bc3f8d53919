/** A pair that fits into documentation, as JSON carries it: a red circle of 64 x 64 px. */
export const flavaExample = {
  image:
    'iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQMAAACQp+OdAAAABlBMVEX19fXWJiZJg0eGAAAAXUlEQVR4' +
    '2tXPsQ2AMAxE0Z9AQUdGYBRGyyiMwigZIUUKChRTHEKQjjLX+OlcWIY+U+85WBRmS4CHQBAWJmFlFJ6Y' +
    '1XfjceC+zS8YWLOKNCfYOYXEIWSyUNiav3rJBcmJE6MxQgNIAAAAAElFTkSuQmCC',
  text: 'there is a red circle',
};
