// A backend for benchmarks. FastBackend --urls http://127.0.0.1:1 [--workers 8]
//   /            answers at once
//   /work?ms=50  one of the workers is busy for so long, whether or not its client has left; what finds none free queues,
//                as in the backlog of a gunicorn with sync workers
//   /inside      how many requests are at the backend
//   /greatest    the most requests that were at the backend at once since the last time it was asked
//   /worked      how many requests were worked on since the last time it was asked
using System.Collections.Concurrent;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
using var backlog = new BlockingCollection<(int Milliseconds, TaskCompletionSource Done)>();
var (inside, greatest, worked) = (0, 0, 0);

// Threads, as the workers of a real server: a timer of .NET would round 50 ms up to the next tick of the system's coarse clock.
for (var worker = 0; worker < builder.Configuration.GetValue("workers", 8); worker++)
{
    new Thread(Work) { IsBackground = true }.Start();
}

var app = builder.Build();
app.Run(context => context.Request.Path.Value switch
{
    "/work" => WorkAsync(context),
    "/inside" => context.Response.WriteAsync($"{Volatile.Read(ref inside)}"),
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
    var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    backlog.Add((int.Parse(context.Request.Query["ms"].ToString()), done));
    await done.Task;
    await FastAsync(context);
}

void Work()
{
    foreach (var (milliseconds, done) in backlog.GetConsumingEnumerable())
    {
        Interlocked.Increment(ref worked);
        Thread.Sleep(milliseconds);
        Interlocked.Decrement(ref inside);
        done.SetResult();
    }
}

void Raise(int seen)
{
    for (var known = greatest; seen > known; known = greatest)
    {
        Interlocked.CompareExchange(ref greatest, seen, known);
    }
}
