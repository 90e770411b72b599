namespace Admission.Parked;

/// <summary>A backend that answers at once while its gate is open, and not at all while it is shut: <c>/shut</c>, <c>/open</c>, and everything else.</summary>
internal static class GatedBackend
{
    private static volatile TaskCompletionSource _open = Opened();

    public static async Task RunAsync(string[] args)
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
                    break;
                case "/open":
                    _ = _open.TrySetResult();
                    break;
                default:
                    await _open.Task;
                    break;
            }

            context.Response.ContentLength = 2;
            await context.Response.Body.WriteAsync("ok"u8.ToArray());
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
