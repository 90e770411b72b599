using System.Text.Json;

namespace Admission.Frontend.Tests.Support;

/// <summary>Reads the gateway's own answers.</summary>
internal static class ProblemReader
{
    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }
}
