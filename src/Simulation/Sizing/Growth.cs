namespace Admission.Simulator;

/// <summary>How a figure grows with size.</summary>
public static class Growth
{
    /// <summary>
    /// The exponent b of the power law a * n^b that fits best, by least squares over logarithms: 0 means that it stays, 1 that it doubles with size, 2 that it quadruples.
    /// </summary>
    /// <param name="points">Sizes and figures; those that are not above 0 are left out.</param>
    /// <returns>The exponent; null for fewer than two sizes.</returns>
    public static double? Exponent(IEnumerable<(double Size, double Figure)> points)
    {
        var logs = points.Where(point => point is { Size: > 0, Figure: > 0 }).Select(point => (X: Math.Log(point.Size), Y: Math.Log(point.Figure))).ToArray();
        if (logs.Select(log => log.X).Distinct().Count() < 2)
        {
            return null;
        }

        var (x, y) = (logs.Average(log => log.X), logs.Average(log => log.Y));
        return logs.Sum(log => (log.X - x) * (log.Y - y)) / logs.Sum(log => (log.X - x) * (log.X - x));
    }
}
