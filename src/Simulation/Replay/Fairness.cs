namespace Admission.Simulator;

/// <summary>How evenly a backend's work was shared among tenants.</summary>
/// <remarks>
/// <para>
/// Jain's index over what each tenant got of its fair share: (sum of x)^2 / (n * sum of x^2), where x is work served divided by the max-min fair share of all
/// work served. It is 1 when every tenant got its fair share, and 1/n when one got everything. Source: R. Jain, D. Chiu, W. Hawe, "A quantitative measure of
/// fairness and discrimination for resource allocation in shared computer systems", DEC TR-301, 1984.
/// </para>
/// <para>
/// Max-min: nobody gets more than it asked; what one leaves over is shared by the others equally. Two tenants that ask 10 and 50 of a backend that serves 30 have fair
/// shares of 10 and 20. First come, first served gives them 5 and 25, so x is 0.5 and 1.25 and the index 1.75^2 / (2 * (0.25 + 1.5625)) = 0.845. Shares of tenants
/// with weights of their own are not told apart here: all count as equal.
/// </para>
/// </remarks>
public static class Fairness
{
    /// <summary>Jain's index over the fair shares.</summary>
    /// <param name="asked">Work asked for, of each tenant.</param>
    /// <param name="served">Work done, in the same order.</param>
    /// <returns>From 1/n to 1; 1 where nothing was asked or served.</returns>
    public static double Index(IReadOnlyList<double> asked, IReadOnlyList<double> served)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(served);
        var shares = MaxMinShares(asked, served.Sum());
        var (count, sum, squares) = (0, 0.0, 0.0);
        for (var i = 0; i < shares.Length; i++)
        {
            if (shares[i] > 0)
            {
                var x = served[i] / shares[i];
                count++;
                sum += x;
                squares += x * x;
            }
        }

        return squares == 0 ? 1 : sum * sum / (count * squares);
    }

    /// <summary>The max-min fair shares of an amount.</summary>
    /// <param name="asked">What each asks; nobody gets more.</param>
    /// <param name="amount">What there is to share.</param>
    public static double[] MaxMinShares(IReadOnlyList<double> asked, double amount)
    {
        ArgumentNullException.ThrowIfNull(asked);
        var shares = new double[asked.Count];
        var left = amount;
        var without = asked.Count;
        foreach (var i in Enumerable.Range(0, asked.Count).OrderBy(i => asked[i]))
        {
            shares[i] = Math.Min(asked[i], left / without--);
            left -= shares[i];
        }

        return shares;
    }
}
