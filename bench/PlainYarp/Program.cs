// YARP and nothing else: what the gateway is measured against. PlainYarp --urls http://127.0.0.1:1 --to http://127.0.0.1:2
using Yarp.ReverseProxy.Configuration;

var builder = WebApplication.CreateBuilder(args);

// The gateway's own levels: with any provider at all ASP.NET Core makes an Activity for each request, which costs both the same.
builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning);
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
var app = builder.Build();
app.MapReverseProxy();
await app.RunAsync();
