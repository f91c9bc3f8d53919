/** A red circle of 64 by 64 pixels, as short as a picture can be that shows something, and what is said about it. */
export const EXAMPLE = {
  image:
    'iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQMAAACQp+OdAAAABlBMVEX19fXWJiZJg0eGAAAAXUlEQVR4' +
    '2tXPsQ2AMAxE0Z9AQUdGYBRGyyiMwigZIUUKChRTHEKQjjLX+OlcWIY+U+85WBRmS4CHQBAWJmFlFJ6Y' +
    '1XfjceC+zS8YWLOKNCfYOYXEIWSyUNiav3rJBcmJE6MxQgNIAAAAAElFTkSuQmCC',
  text: 'there is a red circle',
};
