// Any number of these programs together never have more than 20 sessions at a PostgreSQL server.
using System.Globalization;
using Admission.Client;
using Admission.Client.RateLimiting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using NpgsqlSample;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddAdmissionClient(builder.Configuration);
using var host = builder.Build();
await host.StartAsync();

var database = builder.Configuration["Database"] ?? throw new InvalidOperationException("Database: missing. Give a connection string of PostgreSQL.");
var queries = int.Parse(builder.Configuration["Queries"] ?? "100", CultureInfo.InvariantCulture);
var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
try
{
    using var limiter = new AdmissionRateLimiter(host.Services.GetRequiredService<AdmissionClient>(), "connections");
    await using var sessions = new LimitedSessions(limiter, database);
    await Task.WhenAll(Enumerable.Range(0, queries).Select(_ => QueryAsync(sessions)));
    Console.WriteLine($"{queries} queries done.");
}
catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
{
    Console.Error.WriteLine(failure.Message);
    Environment.ExitCode = 1;
}
finally
{
    // Whatever has happened: a program that just goes leaves its permits taken until its lease and the quarantine are over, and the next one waits for that.
    await host.StopAsync();
}

async Task QueryAsync(LimitedSessions sessions)
{
    for (var done = false; !done;)
    {
        try
        {
            await sessions.UseAsync(
                static async (session, cancellation) =>
                {
                    await using var query = new NpgsqlCommand("SELECT pg_sleep(0.05)", session);
                    await query.ExecuteNonQueryAsync(cancellation);
                },
                stopping);
            done = true;
        }
        catch (LeaseLostException lost)
        {
            // This query may be asked twice. One that may not is looked for first, or has a key of its own.
            Console.Error.WriteLine($"{lost.Message} Again.");
        }
    }
}
