using System.Text.Json.Serialization;

namespace Admission.Grains.Hosting;

/// <summary>A health answer.</summary>
/// <param name="Status">One word or two.</param>
/// <param name="Missing">What is missing, and since when where that says something.</param>
internal sealed record HealthView(string Status, IReadOnlyList<string> Missing)
{
    /// <summary>The process runs.</summary>
    public static HealthView Live { get; } = new("live", []);

    /// <summary>Ready, unless something is missing.</summary>
    public static HealthView Ready(IReadOnlyList<string> missing) => new(missing.Count == 0 ? "ready" : "not ready", missing);

    /// <summary>200 or 503.</summary>
    [JsonIgnore]
    public int StatusCode => Missing.Count == 0 ? 200 : 503;
}
