using System.Text.Encodings.Web;
using System.Text.Json;

namespace Admission.Cli.Output;

/// <summary>JSON in and out: names as the admin API has them.</summary>
internal static class Json
{
    /// <summary>One document, for people to read too.</summary>
    public static JsonSerializerOptions Document { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line of a stream.</summary>
    public static JsonSerializerOptions Line { get; } = new(Document) { WriteIndented = false };
}
