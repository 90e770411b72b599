namespace Admission.Telemetry.Prometheus;

/// <summary>One row: the values of an instrument with one set of attributes.</summary>
/// <param name="labels">The attributes, written as labels; empty for none.</param>
/// <param name="buckets">The bounds of a histogram; none for anything else.</param>
internal sealed class Series(string labels, int buckets)
{
    public string Labels { get; } = labels;

    /// <summary>The present value, or the sum of a histogram.</summary>
    public double Value { get; set; }

    /// <summary>Measurements in each bucket, that without an upper bound last; none for anything but a histogram.</summary>
    public long[] Counts { get; } = buckets == 0 ? [] : new long[buckets + 1];

    /// <summary>The collection in which the instrument last told its value.</summary>
    public long SeenIn { get; set; }
}
