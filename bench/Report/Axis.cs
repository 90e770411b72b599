using System.Globalization;

namespace Admission.Bench.Report;

/// <summary>A scale from values to pixels, with the places of its marks.</summary>
internal sealed class Axis
{
    private readonly double _from;
    private readonly double _to;
    private readonly bool _logarithmic;

    private Axis(double from, double to, bool logarithmic, double[] marks) => (_from, _to, _logarithmic, Marks) = (from, to, logarithmic, marks);

    public double[] Marks { get; }

    /// <summary>An axis with all the values: from zero, or in powers of ten.</summary>
    public static Axis Over(IReadOnlyCollection<double> values, bool logarithmic)
    {
        if (!logarithmic)
        {
            var step = NiceStep(Math.Max(values.Max(), double.Epsilon) / 5);
            var count = (int)Math.Ceiling(values.Max() / step);
            return new(0, Math.Max(count, 1) * step, false, [.. Enumerable.Range(0, Math.Max(count, 1) + 1).Select(mark => mark * step)]);
        }

        if (values.Any(value => value <= 0))
        {
            throw new InvalidDataException("A logarithmic axis has only positive values.");
        }

        var first = (int)Math.Floor(Math.Log10(values.Min()));
        var last = Math.Max((int)Math.Ceiling(Math.Log10(values.Max())), first + 1);
        return new(first, last, true, [.. Enumerable.Range(first, last - first + 1).Select(power => Math.Pow(10, power))]);
    }

    /// <summary>Where a value lies, 0 to 1.</summary>
    public double Place(double value) => ((_logarithmic ? Math.Log10(value) : value) - _from) / (_to - _from);

    public static string Label(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " M",
        >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + " k",
        < 1e-3 => value.ToString("0e0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private static double NiceStep(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return power * new[] { 1, 2, 5, 10 }.First(step => step * power >= least * 0.999999);
    }
}
