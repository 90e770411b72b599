// ASP.NET Core's own rate limiting, with a limit over all processes of a cluster: one line differs from what it was with a limit in each.
using System.Globalization;
using System.Threading.RateLimiting;
using Admission.Client.RateLimiting;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddAdmissionClient(builder.Configuration);
builder.Services.AddRateLimiter(options =>
{
    // Before: options.AddConcurrencyLimiter("reports", limit => limit.PermitLimit = 2);
    options.AddAdmissionLimiter("reports", "reports");
    options.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
    options.OnRejected = static (context, cancellation) =>
    {
        if (context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after))
        {
            context.HttpContext.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return new ValueTask(context.Lease.TryGetMetadata(AdmissionMetadata.Reason, out var reason) ? context.HttpContext.Response.WriteAsync($"{reason}\n", cancellation) : Task.CompletedTask);
    };
});

var app = builder.Build();
app.UseRateLimiter();
app.MapGet("/", () => "Ask for /report: two at a time, in all processes.\n");
app.MapGet("/report", async (CancellationToken cancellation) =>
{
    await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation);
    return "Here it is.\n";
}).RequireRateLimiting("reports");
app.Run();

/// <summary>For tests, which start it in their own process.</summary>
public partial class Program;
