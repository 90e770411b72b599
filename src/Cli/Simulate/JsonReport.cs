using System.Text.Json;
using System.Text.Json.Serialization;
using Admission.Simulator;

namespace Admission.Cli.Simulate;

/// <summary>Prints a report as JSON: everything that was counted, times in seconds.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new SecondsConverter() },
    };

    public static void Write(SimulationReport report, TextWriter output) => output.WriteLine(JsonSerializer.Serialize(
        new
        {
            report.Notes,
            Backends = report.Backends.Select(backend => View(backend.Backend, backend.Result)),
            report.Sizing,
            report.Cluster,
        },
        Options));

    private static object View(string backend, ReplayResult result) => new
    {
        Backend = backend,
        result.Frontends,
        result.Span,
        Limit = result.HighestLimit,
        result.FindsLimit,
        result.LowestLimit,
        result.MeanLimit,
        result.PeakInUse,
        result.Utilisation,
        result.Wasted,
        result.Fairness,
        result.Messages.Exchanges,
        result.Messages.Pushes,
        result.Messages.Messages,
        result.All,
        Refusals = result.Refusals.ToDictionary(refusal => JsonNamingPolicy.KebabCaseLower.ConvertName(refusal.Key.ToString()), refusal => refusal.Value),
        result.Tenants,
        result.Priorities,
        Series = new { result.Series.Width, result.Series.Buckets },
    };

    private sealed class SecondsConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => TimeSpan.FromSeconds(reader.GetDouble());

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue((decimal)value.Ticks / TimeSpan.TicksPerSecond);
    }
}
