namespace Admission.Scale;

/// <summary>How a backend's requests are spread over the frontends.</summary>
internal enum Demand
{
    None = 0,

    /// <summary>Nine tenths of them at a tenth of the frontends.</summary>
    NineTenths,

    /// <summary>By Zipf's law: the second frontend gets half as many as the first, the third a third.</summary>
    Zipf,
}

internal static class Demands
{
    public static string Name(this Demand demand) => demand == Demand.Zipf ? "Zipf" : "90/10";

    /// <summary>What each frontend gets, in proportion.</summary>
    public static double[] Shares(this Demand demand, int frontends)
    {
        var busy = Math.Max(1, frontends / 10);
        return demand == Demand.Zipf
            ? [.. Enumerable.Range(1, frontends).Select(rank => 1.0 / rank)]
            : [.. Enumerable.Range(0, frontends).Select(index => index < busy ? 0.9 / busy : 0.1 / (frontends - busy))];
    }
}
