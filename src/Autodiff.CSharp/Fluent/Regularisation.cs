namespace Autodiff.CSharp;

/// <summary>Regularisation by noise.</summary>
public static class Regularisation
{
    /// <param name="x">The value.</param>
    extension(Node x)
    {
        /// <summary>
        /// Each element replaced by zero with a probability, and the rest scaled such that the mean stays. Derivatives
        /// pass the elements that are left.
        /// </summary>
        /// <param name="rate">The probability that an element is dropped, from 0 to 1.</param>
        /// <param name="key">A whole number that decides which elements: bind a new one for each step.</param>
        /// <param name="isTraining">Whether anything is dropped at all.</param>
        /// <exception cref="ArgumentException">The rate is no probability.</exception>
        /// <exception cref="DTypeException">The value is not floating, or the key is no whole number.</exception>
        /// <exception cref="ShapeException">There are several keys.</exception>
        public Node Dropout(double rate, Node key, bool isTraining = true)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(key);
            return FSharp.Regularisation.dropout(rate, isTraining, key, x);
        }
    }
}
