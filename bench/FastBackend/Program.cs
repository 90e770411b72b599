// A backend for benchmarks. FastBackend --urls http://127.0.0.1:1 [--workers 8]
//   /            answers at once
//   /work?ms=50  one of the workers is busy for so long, whether or not its client has left; what finds none free queues,
//                as in the backlog of a gunicorn with sync workers
//   /greatest    the most requests that were at the backend at once since the last time it was asked
//   /worked      how many requests were worked on since the last time it was asked
var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
var workers = new SemaphoreSlim(builder.Configuration.GetValue("workers", 8));
var (inside, greatest, worked) = (0, 0, 0);

var app = builder.Build();
app.Run(context => context.Request.Path.Value switch
{
    "/work" => WorkAsync(context),
    "/worked" => context.Response.WriteAsync($"{Interlocked.Exchange(ref worked, 0)}"),
    "/greatest" => context.Response.WriteAsync($"{Interlocked.Exchange(ref greatest, 0)}"),
    _ => FastAsync(context),
});
await app.RunAsync();

static Task FastAsync(HttpContext context)
{
    context.Response.ContentLength = 2;
    return context.Response.Body.WriteAsync("ok"u8.ToArray()).AsTask();
}

async Task WorkAsync(HttpContext context)
{
    Raise(Interlocked.Increment(ref inside));
    await workers.WaitAsync();
    Interlocked.Increment(ref worked);
    await Task.Delay(int.Parse(context.Request.Query["ms"].ToString()));
    workers.Release();
    Interlocked.Decrement(ref inside);
    await FastAsync(context);
}

void Raise(int seen)
{
    for (var known = greatest; seen > known; known = greatest)
    {
        Interlocked.CompareExchange(ref greatest, seen, known);
    }
}
