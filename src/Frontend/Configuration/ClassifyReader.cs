using Admission.Capacity;
using Admission.Frontend.Classification;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>Reads one <c>Admission:Backends:{clusterId}:Classify</c>.</summary>
internal static class ClassifyReader
{
    private static readonly TimeSpan ShortestReference = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestReference = TimeSpan.FromHours(1);

    /// <summary>Reads the section; mistakes go to the reader's errors.</summary>
    public static ClassifySettings Read(SectionReader reader, BackendPolicy policy)
    {
        if (!string.IsNullOrEmpty(reader.Value))
        {
            reader.Error("", "a value is given where a section belongs. Write it under Tenant, Priority, Weight or RunTimeout.");
        }

        var weight = ReadSources(reader, "Weight", RequestSources.ForWeight);
        var settings = new ClassifySettings(
            ReadSources(reader, "Tenant", RequestSources.ForTenant),
            ReadSources(reader, "Priority", RequestSources.ForPriority),
            weight,
            ReadSources(reader, "RunTimeout", RequestSources.ForRunTimeout),
            ReadEstimate(reader, weight.Any(source => source.Kind == SourceKind.Estimate)));
        if (settings.RunTimeout.Length > 0 && !policy.StopsWhenAbandoned)
        {
            reader.Error(
                "RunTimeout",
                "a request that ends early gives its permit back while this backend is still at work on it. Set StopsWhenAbandoned to true if the backend stops such work, or leave this out.");
        }

        reader.RefuseTheRest();
        return settings;
    }

    private static RequestSource[] ReadSources(SectionReader reader, string key, IReadOnlyList<SourceKind> allowed)
    {
        var items = reader.Children(key).ToArray();
        if (items.Length == 0)
        {
            return RequestSources.Parse(RequestSources.Split(reader.Text(key) ?? ""), allowed, error => reader.Error(key, error));
        }

        foreach (var (_, item) in items.Where(item => item.Reader.Value is null))
        {
            item.Error("", "a section is given where a value belongs.");
        }

        var texts = items.Select(item => item.Reader.Value).OfType<string>().ToArray();
        return RequestSources.Parse(texts, allowed, error => reader.Error(key, error));
    }

    private static EstimateSettings? ReadEstimate(SectionReader reader, bool needed)
    {
        var given = reader.Has("Estimate");
        var estimate = reader.Child("Estimate");
        if (!given && !needed)
        {
            return null;
        }

        if (!estimate.Has("Reference"))
        {
            estimate.Error("Reference", "missing. Give the time in the backend that one permit stands for, such as 100ms.");
        }

        var settings = new EstimateSettings(
            estimate.Duration("Reference", TimeSpan.FromSeconds(1), ShortestReference, LongestReference),
            estimate.Count("MaxWeight", 10, 1, 1_000),
            estimate.Count("PathSegments", 0, 0, 8));
        estimate.RefuseTheRest();
        return settings;
    }
}
