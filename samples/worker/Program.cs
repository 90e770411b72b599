// A worker of which many processes run on many machines, and which needs one of four licences for each piece of its work.
using Admission.Client;
using Admission.Client.RateLimiting;
using WorkerSample;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddAdmissionClient(builder.Configuration);
builder.Services.AddSingleton(services => new AdmissionRateLimiter(services.GetRequiredService<AdmissionClient>(), "licences"));
builder.Services.AddHostedService<Worker>(); // after the client: its policies are in force when the work begins, and it stops first
builder.Build().Run();
