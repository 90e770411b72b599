using System.Net.Mime;
using Admission.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Admission.Cli.Tests.Support;

/// <summary>Something at the address of a gateway that answers as a test wants.</summary>
internal sealed class Stub : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Stub(RequestDelegate answer, int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        _app = builder.Build();
        _app.Run(answer);
        Url = $"http://127.0.0.1:{port}";
    }

    public string Url { get; }

    public static async Task<Stub> StartAsync(RequestDelegate answer, int? port = null)
    {
        var stub = new Stub(answer, port ?? FreePort.Take());
        await stub._app.StartAsync();
        return stub;
    }

    public static Task AnswerAsync(HttpContext context, string json)
    {
        context.Response.ContentType = MediaTypeNames.Application.Json;
        return context.Response.WriteAsync(json);
    }

    public static Task RefuseAsync(HttpContext context, int status, string reason, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = MediaTypeNames.Application.ProblemJson;
        return context.Response.WriteAsync(System.Text.Json.JsonSerializer.Serialize(new { type = $"urn:admission:problem:{reason}", title = "No", status, detail, reason }));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
