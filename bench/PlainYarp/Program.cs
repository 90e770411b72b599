// YARP and nothing else: what the gateway is measured against. PlainYarp --urls http://127.0.0.1:1 --to http://127.0.0.1:2
//   --limit N [--queue N]   with ASP.NET's own limiter in front: 503 beyond both
//   --refuse true           answers 503 with a fixed problem in place of forwarding
using System.Threading.RateLimiting;
using Yarp.ReverseProxy.Configuration;

var builder = WebApplication.CreateBuilder(args);
var limit = builder.Configuration.GetValue("limit", 0);

// The gateway's own levels: with the category of the hosting on at any level ASP.NET Core makes an Activity for each request, which the gateway does not want either; nor a scope for each connection.
builder.Services.Configure<LoggerFilterOptions>(logging => logging.CaptureScopes = false);
builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning)
    .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
builder.Services.AddReverseProxy().LoadFromMemory(
    [new RouteConfig { RouteId = "all", ClusterId = "backend", Match = new RouteMatch { Path = "{**any}" } }],
    [
        new ClusterConfig
        {
            ClusterId = "backend",
            Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal)
            {
                ["a"] = new() { Address = builder.Configuration["to"] ?? throw new InvalidOperationException("Say --to URL.") },
            },
        },
    ]);
if (limit > 0)
{
    var options = new ConcurrencyLimiterOptions { PermitLimit = limit, QueueLimit = builder.Configuration.GetValue("queue", 0) };
    builder.Services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, int>(_ => RateLimitPartition.GetConcurrencyLimiter(0, _ => options));
    });
}

var app = builder.Build();
if (limit > 0)
{
    app.UseRateLimiter();
}

if (builder.Configuration.GetValue("refuse", defaultValue: false))
{
    app.MapReverseProxy(proxy => proxy.Run(RefuseAsync));
}
else
{
    app.MapReverseProxy();
}

await app.RunAsync();

// As many bytes as the gateway's refusals have, so that what is compared is the decision.
static Task RefuseAsync(HttpContext context)
{
    var body = """
        {"type":"urn:admission:problem:at-capacity","title":"The backend is at capacity","status":503,"detail":"All 8 places of the backend 'backend' are in use, and it has no queue. Try again in 1 second.","backend":"backend","reason":"at-capacity","limit":8,"inUse":8,"queued":0,"retryAfter":1,"ticket":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"}
        """u8;
    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
    context.Response.ContentType = "application/problem+json";
    context.Response.Headers.RetryAfter = "1";
    context.Response.Headers["X-Admission-Reason"] = "at-capacity";
    context.Response.Headers["X-Admission-Ticket"] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    context.Response.ContentLength = body.Length;
    return context.Response.Body.WriteAsync(body.ToArray()).AsTask();
}
