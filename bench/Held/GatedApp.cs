using System.Diagnostics;
using System.Globalization;

namespace Admission.Held;

/// <summary>
/// An application that answers while its gate is open, and not at all while it is shut: <c>/shut</c>, <c>/open</c>, and everything else. Each answer says when it was made, on the clock that all processes of the machine
/// share.
/// </summary>
internal static class GatedApp
{
    private static volatile TaskCompletionSource _open = Opened();

    /// <summary>Runs it.</summary>
    /// <param name="args">Where it listens.</param>
    /// <param name="startsAtOnce">Its responses begin before the gate opens, as those of a held connection do.</param>
    public static async Task RunAsync(string[] args, bool startsAtOnce)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/shut":
                    _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    return;
                case "/open":
                    _ = _open.TrySetResult();
                    return;
            }

            context.Response.ContentType = "application/json";
            if (startsAtOnce)
            {
                await context.Response.Body.WriteAsync("\n"u8.ToArray());
            }

            await _open.Task;
            await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{{\"at\":{Stopwatch.GetTimestamp()}}}"));
        });
        await app.RunAsync();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
