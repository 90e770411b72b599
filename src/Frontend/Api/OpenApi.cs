namespace Admission.Frontend.Api;

/// <summary><c>/openapi.json</c>: the admin API for programs. The document is kept by hand; a test compares it with the addresses that there are.</summary>
internal static class OpenApi
{
    private const string Resource = "Admission.Frontend.Api.openapi.json";

    /// <summary>Maps the address.</summary>
    public static void MapOpenApi(this RouteGroupBuilder api) => api.MapGet("/openapi.json", () => Results.Stream(Open(), "application/json"));

    private static Stream Open() => typeof(OpenApi).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"{Resource} is not in the assembly.");
}
